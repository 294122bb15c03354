"""Pauses before a camera is tried again: spread, and bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from config.sections.capture import CaptureSettings
from pipeline.capture.live.reader import spread_s


@given(st.floats(0.01, 100), st.floats(0, 1), st.floats(0.1, 60))
def test_a_pause_is_near_what_is_meant_and_never_above_the_longest(
    seconds: float, jitter: float, longest_s: float
) -> None:
    capture = CaptureSettings(reconnect_jitter=jitter, reconnect_longest_s=longest_s)
    pause_s = spread_s(capture, seconds)
    assert 0 <= pause_s <= longest_s
    assert pause_s <= seconds * (1 + jitter) * (1 + 1e-9)
    assert pause_s >= min(seconds * (1 - jitter), longest_s) * (1 - 1e-9)


def test_cameras_do_not_come_back_all_at_once() -> None:
    assert len({spread_s(CaptureSettings(), 0.5) for _ in range(20)}) > 1
