"""What the reader shows becomes faults that begin and end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from config.schema import Settings
from config.sections.cameras import CameraSettings
from pipeline.camera_health.faults import CameraFault
from pipeline.daemon.camera_watch import CameraWatch
from pipeline.ring.board import ReaderActivity

_CAMERA = CameraSettings(id="gate", source="rtsp://camera/1")
_START = datetime(2026, 1, 1, tzinfo=UTC)


class _Life:
    """Ticks five times a second, as the daemon does."""

    def __init__(self, camera: CameraSettings = _CAMERA) -> None:
        self.watch = CameraWatch(camera, Settings())
        self.now_s = 1000.0
        self.captured = 0.0
        self.told: list[tuple[CameraFault, bool]] = []

    def live(self, seconds: float, activity: ReaderActivity, rate_hz: float = 10.0) -> None:
        for _ in range(round(seconds * 5)):
            self.now_s += 0.2
            self.captured += rate_hz * 0.2
            now = _START + timedelta(seconds=self.now_s)
            events = self.watch.tick(activity, int(self.captured), 10.0, self.now_s, now)
            self.told += [(event.fault, event.ended_at is None) for event in events]


def test_offline_begins_late_and_ends_later() -> None:
    life = _Life()
    life.live(60, ReaderActivity.STREAMING)
    life.live(3, ReaderActivity.WAITING, 0)
    assert not life.told
    life.live(30, ReaderActivity.WAITING, 0)
    assert life.told == [(CameraFault.OFFLINE, True)]
    assert life.watch.faults == ("offline",)
    life.live(30, ReaderActivity.STREAMING)
    assert life.told == [(CameraFault.OFFLINE, True), (CameraFault.OFFLINE, False)]


def test_a_rate_that_sags() -> None:
    life = _Life()
    life.live(30, ReaderActivity.STREAMING)
    life.live(30, ReaderActivity.STREAMING, 3)
    assert life.told == [(CameraFault.LOW_RATE, True)]
    life.live(40, ReaderActivity.STREAMING)
    assert life.told[1:] == [(CameraFault.LOW_RATE, False)]


def test_a_recording_at_its_end_is_no_fault() -> None:
    life = _Life(CameraSettings(id="gate", source="walk.mp4", playback="once"))
    life.live(20, ReaderActivity.STREAMING)
    life.live(120, ReaderActivity.FINISHED, 0)
    assert not life.told


def test_a_recording_played_fast_has_no_rate() -> None:
    life = _Life(CameraSettings(id="gate", source="walk.mp4", playback="fast"))
    life.live(60, ReaderActivity.STREAMING, 1)
    assert not life.told
