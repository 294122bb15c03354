"""Each fault of a camera: when it is told, what is told, and what it keeps quiet about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from config.sections.health import HealthSettings
from pipeline.camera_health.displacement import Displacement
from pipeline.camera_health.faults import CameraEvent, CameraFault
from pipeline.camera_health.measures import PictureMeasures
from pipeline.camera_health.monitor import CameraHealthMonitor

if TYPE_CHECKING:
    from collections.abc import Callable

_START = datetime(2026, 1, 31, 22, tzinfo=UTC)
_IN_PLACE = Displacement(dx=0.0, dy=0.0, confidence=0.5, likeness=0.9, steadiness=0.9)
_MOVED = replace(_IN_PLACE, dx=0.1, dy=-0.02)
_ELSEWHERE = Displacement(dx=0.3, dy=0.1, confidence=0.05, likeness=0.02, steadiness=0.9)
_WELL = PictureMeasures(time_s=0, mean=100, contrast=40, sharpness=0.3, change=0.6, place=_IN_PLACE)


class Camera:
    """A monitor, and what it told, on a clock that goes in seconds; the camera is connected."""

    def __init__(self) -> None:
        self.monitor = CameraHealthMonitor("gate", HealthSettings())
        self.now_s = 1000.0
        self.events: list[CameraEvent] = []

    def show(self, measures: PictureMeasures, seconds: int) -> None:
        self._go_on(seconds, lambda s, at: self.monitor.picture(measures, s, at))

    def rate(self, frames_per_s: float, expected_hz: float | None, seconds: int) -> None:
        self._go_on(seconds, lambda s, at: self.monitor.rate(frames_per_s, expected_hz, s, at))

    def skew(self, skew_s: float, seconds: int) -> None:
        self._go_on(seconds, lambda s, at: self.monitor.clock_skew(skew_s, s, at))

    def lost(self, seconds: int) -> None:
        for _ in range(seconds):
            self.events += self.monitor.connection(False, self.now_s, self._utc)
            self.now_s += 1

    @property
    def told(self) -> list[tuple[str, float, float | None]]:
        """Fault, begin and end in seconds since the start."""
        return [
            (
                event.fault.value,
                (event.began_at - _START).total_seconds(),
                None if event.ended_at is None else (event.ended_at - _START).total_seconds(),
            )
            for event in self.events
        ]

    @property
    def _utc(self) -> datetime:
        return _START + timedelta(seconds=self.now_s - 1000)

    def _go_on(self, seconds: int, tell: Callable[[float, datetime], list[CameraEvent]]) -> None:
        for _ in range(seconds):
            self.events += self.monitor.connection(True, self.now_s, self._utc)
            self.events += tell(self.now_s, self._utc)
            self.now_s += 1


@pytest.fixture
def camera() -> Camera:
    """Well for 20 seconds: what is usual is known."""
    camera = Camera()
    camera.show(_WELL, 20)
    return camera


_FAULTY = {
    "covered": replace(_WELL, contrast=2.0, change=0.0),
    "out_of_focus": replace(_WELL, sharpness=0.05, place=_MOVED),
    "moved": replace(_WELL, place=_MOVED),
}


@pytest.mark.parametrize("fault", _FAULTY)
def test_a_fault_of_the_picture_is_told_late_with_its_true_times(camera: Camera, fault: str) -> None:
    camera.show(_FAULTY[fault], 5)
    assert camera.told == []
    camera.show(_FAULTY[fault], 25)
    assert camera.told == [(fault, 20, None)]
    assert camera.monitor.faults == {CameraFault(fault)}
    camera.show(_WELL, 10)
    assert len(camera.told) == 1
    camera.show(_WELL, 1)
    assert camera.told == [(fault, 20, None), (fault, 20, 50)]
    assert camera.monitor.faults == frozenset()


def test_a_frozen_picture_is_told_after_half_a_minute(camera: Camera) -> None:
    camera.show(replace(_WELL, change=0.0), 30)
    assert camera.told == []
    camera.show(replace(_WELL, change=0.0), 1)
    assert camera.told == [("frozen", 20, None)]
    camera.show(_WELL, 11)
    assert camera.told[1:] == [("frozen", 20, 51)]


def test_the_least_noise_is_life(camera: Camera) -> None:
    for _ in range(4):
        camera.show(replace(_WELL, change=0.0), 25)
        camera.show(replace(_WELL, change=1e-6), 1)
    assert camera.told == []


def test_the_details_are_for_people(camera: Camera) -> None:
    for measures in (
        *_FAULTY.values(),
        replace(_WELL, place=_ELSEWHERE),
        replace(_WELL, contrast=1.0, mean=3.0),
    ):
        camera.show(measures, 10)
        camera.show(_WELL, 15)
    assert [event.detail for event in camera.events if event.ended_at is None] == [
        "grey: grey levels 100 with a standard deviation of 2.0",
        "sharpness 0.05, usually 0.30",
        "the background lies 10.0% of the width right and 2.0% up of its place",
        "another view",
        "black: grey levels 3 with a standard deviation of 1.0",
    ]


def test_a_short_disturbance_is_not_told(camera: Camera) -> None:
    for measures in _FAULTY.values():
        camera.show(measures, 4)
        camera.show(_WELL, 1)
    assert camera.told == []


def test_night_is_neither_out_of_focus_nor_moved(camera: Camera) -> None:
    camera.show(replace(_WELL, mean=15.0, sharpness=0.02, place=_ELSEWHERE), 100)
    assert camera.told == []


def test_at_night_a_fault_goes_on_until_it_is_seen_gone(camera: Camera) -> None:
    camera.show(_FAULTY["moved"], 10)
    camera.show(replace(_WELL, mean=15.0), 100)
    assert camera.monitor.faults == {CameraFault.MOVED}


@pytest.mark.parametrize(
    "place",
    [
        None,
        replace(_IN_PLACE, dx=0.3, confidence=0.1, likeness=0.4),  # the peak is no peak
        replace(_ELSEWHERE, steadiness=0.1),  # all is in motion: people close to the lens, noise
        replace(_ELSEWHERE, steadiness=None),
        replace(_IN_PLACE, dx=0.03),
    ],
)
def test_what_is_not_sure_is_not_moved(camera: Camera, place: Displacement | None) -> None:
    camera.show(replace(_WELL, place=place), 50)
    assert camera.told == []


def test_a_camera_that_starts_blurred_knows_no_better() -> None:
    camera = Camera()
    camera.show(replace(_WELL, sharpness=0.05), 100)
    assert camera.told == []


def test_what_is_usual_is_not_learnt_from_faults(camera: Camera) -> None:
    camera.show(_FAULTY["out_of_focus"], 5000)
    assert camera.told == [("out_of_focus", 20, None)]


def test_what_another_view_shows_is_not_usual(camera: Camera) -> None:
    camera.show(replace(_FAULTY["moved"], sharpness=0.15), 3000)
    camera.show(_WELL, 11)
    camera.show(replace(_WELL, sharpness=0.08), 6)
    assert [fault for fault, _, _ in camera.told] == ["moved", "moved", "out_of_focus"]


@pytest.mark.parametrize("hiding", ["covered", "out_of_focus"])
def test_evidence_of_place_does_not_last_through_a_hidden_view(camera: Camera, hiding: str) -> None:
    camera.show(_FAULTY["moved"], 4)
    camera.show(_FAULTY[hiding], 2)
    camera.show(_FAULTY["moved"], 5)
    assert camera.told == []


def test_slow_changes_become_usual(camera: Camera) -> None:
    """Autumn to winter: each step is small."""
    for step in range(6):
        camera.show(replace(_WELL, sharpness=0.3 * 0.6**step), 700)
    assert camera.told == []


def test_offline(camera: Camera) -> None:
    camera.lost(8)
    assert camera.told == [("offline", 20, None)]
    camera.show(_FAULTY["moved"], 10)
    assert camera.monitor.faults == {CameraFault.OFFLINE}
    camera.show(_WELL, 1)
    assert camera.told[1:] == [("offline", 20, 28)]


def test_a_quick_reconnection_is_not_told(camera: Camera) -> None:
    camera.lost(5)
    camera.show(_WELL, 20)
    assert camera.told == []


def test_other_faults_wait_while_the_camera_is_offline(camera: Camera) -> None:
    camera.show(_FAULTY["moved"], 6)
    camera.show(_WELL, 9)
    camera.lost(30)
    assert camera.monitor.faults == {CameraFault.MOVED, CameraFault.OFFLINE}
    camera.show(_WELL, 11)
    assert camera.told[-1] == ("offline", 35, 65)
    assert CameraFault.MOVED in camera.monitor.faults
    camera.show(_WELL, 11)
    assert camera.told[-1] == ("moved", 20, 75)


def test_evidence_before_a_lost_connection_does_not_count_after_it(camera: Camera) -> None:
    camera.show(_FAULTY["moved"], 4)
    camera.lost(2)
    camera.show(_FAULTY["moved"], 5)
    assert camera.told == []


def test_a_rate_that_the_camera_states(camera: Camera) -> None:
    camera.rate(12.5, 25.0, 20)
    assert camera.told == []
    camera.rate(12.4, 25.0, 6)
    assert camera.told == [("low_rate", 40, None)]
    assert camera.events[0].detail == "12.4 frames a second instead of 25.0"
    camera.rate(20.0, 25.0, 11)
    assert camera.told[1:] == [("low_rate", 40, 46)]


def test_a_rate_that_is_usual(camera: Camera) -> None:
    camera.rate(0.5, None, 7)
    camera.rate(2.0, None, 8)
    assert camera.told == []  # nobody knew yet what is usual
    camera.rate(1.1, None, 20)
    assert camera.told == []
    camera.rate(0.5, None, 6)
    assert camera.told == [("low_rate", 55, None)]


@pytest.mark.parametrize("skew_s", [2.5, -2.5])
def test_a_clock_that_drifts(camera: Camera, skew_s: float) -> None:
    camera.skew(2.0, 20)
    assert camera.told == []
    camera.skew(skew_s, 6)
    assert camera.told == [("clock_skew", 40, None)]
    assert camera.events[0].detail == f"time stamps off by {skew_s:+.1f} s"
    camera.skew(0.1, 11)
    assert camera.told[1:] == [("clock_skew", 40, 46)]


def test_a_clock_of_the_machine_that_is_set_back_ends_no_fault_before_its_begin(camera: Camera) -> None:
    camera.skew(5.0, 6)
    hour = timedelta(hours=1)
    for second in range(11):
        camera.events += camera.monitor.clock_skew(0.0, 1026.0 + second, _START - hour)
    began, ended = camera.events
    assert ended.ended_at == began.began_at
