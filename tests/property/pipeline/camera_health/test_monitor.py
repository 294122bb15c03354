"""Whatever is told to a monitor: its events pair up, are in order, and none begins while the camera is offline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from config.sections.health import HealthSettings
from pipeline.camera_health.displacement import Displacement
from pipeline.camera_health.faults import CameraEvent, CameraFault
from pipeline.camera_health.measures import PictureMeasures
from pipeline.camera_health.monitor import CameraHealthMonitor

_START = datetime(2026, 1, 31, 22, tzinfo=UTC)

places = st.builds(
    Displacement,
    dx=st.sampled_from([0.0, 0.2]),
    dy=st.just(0.0),
    confidence=st.sampled_from([0.0, 0.5]),
    likeness=st.sampled_from([0.0, 0.3, 0.9]),
    steadiness=st.sampled_from([None, 0.1, 0.9]),
)
pictures = st.builds(
    PictureMeasures,
    time_s=st.just(0.0),
    mean=st.sampled_from([5.0, 100.0]),
    contrast=st.sampled_from([1.0, 40.0]),
    sharpness=st.sampled_from([0.01, 0.3]),
    change=st.sampled_from([None, 0.0, 0.5]),
    place=st.none() | places,
)
told = st.one_of(
    st.tuples(st.just("connection"), st.booleans()),
    st.tuples(st.just("picture"), pictures),
    st.tuples(st.just("rate"), st.tuples(st.floats(0, 30), st.none() | st.just(25.0))),
    st.tuples(st.just("clock"), st.floats(-5, 5)),
)
stretches = st.lists(st.tuples(told, st.integers(1, 60)), max_size=25)
"""What is told, and for how many seconds in a row."""


def tell(monitor: CameraHealthMonitor, kind: str, value: object, now_s: float) -> list[CameraEvent]:
    now = _START + timedelta(seconds=now_s)
    if isinstance(value, PictureMeasures):
        return monitor.picture(value, now_s, now)
    if isinstance(value, tuple):
        frames_per_s, expected_hz = value
        return monitor.rate(frames_per_s, expected_hz, now_s, now)
    if kind == "connection":
        return monitor.connection(bool(value), now_s, now)
    assert isinstance(value, float)
    return monitor.clock_skew(value, now_s, now)


@given(stretches)
@settings(deadline=None, max_examples=200)
def test_events_pair_up(steps: list[tuple[tuple[str, object], int]]) -> None:
    monitor = CameraHealthMonitor("gate", HealthSettings())
    monitor.connection(True, 0.0, _START)
    now_s, open_events, is_open = 0.0, dict[CameraFault, CameraEvent](), True
    for (kind, value), count in steps:
        for _ in range(count):
            now_s += 1
            was_offline = CameraFault.OFFLINE in monitor.faults
            if kind == "connection":
                is_open = bool(value)
            for event in tell(monitor, kind, value, now_s):
                if event.fault is not CameraFault.OFFLINE:
                    assert is_open
                    assert not was_offline
                assert event.began_at <= _START + timedelta(seconds=now_s)
                if event.ended_at is None:
                    assert event.fault not in open_events
                    open_events[event.fault] = event
                else:
                    began = open_events.pop(event.fault)
                    assert (event.began_at, event.detail) == (began.began_at, began.detail)
                    assert began.began_at < event.ended_at <= _START + timedelta(seconds=now_s)
            assert monitor.faults == frozenset(open_events)
