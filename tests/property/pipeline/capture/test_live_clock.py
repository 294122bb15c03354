"""Media time of a live camera rises whatever its time stamps do, and follows them where they make sense."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.capture.live.clock import LiveClock
from pipeline.capture.live.rate_limit import RateLimit

_FRAMES = st.lists(
    st.tuples(st.none() | st.floats(-1e5, 1e5), st.floats(0.0, 5.0), st.booleans()), max_size=50
)


@given(_FRAMES)
def test_time_rises_and_stays_near_the_arrival(frames: list[tuple[float | None, float, bool]]) -> None:
    clock = LiveClock(jump_s=2.0)
    arrived_s, times = 1000.0, []
    for pts_s, gap_s, reconnected in frames:
        arrived_s += gap_s
        if reconnected:
            clock.new_connection()
        time_s = clock.stamp(pts_s, arrived_s)
        times.append(time_s)
        assert time_s <= arrived_s + 2.0 + len(times) * 1e-6
    assert all(after > before for before, after in pairwise(times))


def test_jitter_of_the_network_does_not_show() -> None:
    clock = LiveClock(jump_s=2.0)
    times = [clock.stamp(7.0 + n * 0.04, 100.0 + n * 0.04 + (0.3 if n % 5 == 4 else 0.0)) for n in range(50)]
    assert times == pytest.approx([100.0 + n * 0.04 for n in range(50)])
    assert clock.jumps == 0


def test_a_counter_that_wraps_is_a_jump_and_time_goes_on() -> None:
    clock = LiveClock(jump_s=2.0)
    clock.stamp(95_000.0, 100.0)
    assert clock.stamp(0.0, 100.04) == pytest.approx(100.04)
    assert clock.stamp(0.04, 100.2) == pytest.approx(100.08)
    assert clock.jumps == 1


def test_a_new_connection_is_no_jump() -> None:
    clock = LiveClock(jump_s=2.0)
    clock.stamp(95_000.0, 100.0)
    clock.new_connection()
    assert clock.stamp(0.0, 130.0) == pytest.approx(130.0)
    assert clock.jumps == 0


def test_a_clock_of_another_speed_drifts_and_does_not_jump() -> None:
    clock = LiveClock(jump_s=2.0)
    for second in range(1000):
        clock.stamp(second * 1.01, 100.0 + second)
    assert clock.skew_s == pytest.approx(9.99, abs=0.05)
    assert clock.jumps == 0


def test_a_jump_is_no_skew() -> None:
    clock = LiveClock(jump_s=2.0)
    clock.stamp(0.0, 100.0)
    clock.stamp(3600.0, 101.0)
    assert clock.skew_s == pytest.approx(0.0)
    assert clock.jumps == 1


@given(st.floats(0.5, 60.0), st.floats(0.2, 100.0), st.integers(1, 500))
def test_the_rate_is_kept_and_used(limit_hz: float, camera_hz: float, frames: int) -> None:
    limit = RateLimit(limit_hz)
    admitted = sum(limit.admits(n / camera_hz) for n in range(frames))
    seconds = (frames - 1) / camera_hz
    assert admitted <= seconds * limit_hz * (1 + 1e-9) + 2
    assert admitted >= min(frames, seconds * min(limit_hz, camera_hz) * 0.5)


def test_frames_that_are_dropped_are_spread_evenly() -> None:
    limit = RateLimit(10.0)
    admitted = [n for n in range(250) if limit.admits(n / 25)]
    assert len(admitted) == pytest.approx(100, abs=1)
    assert {after - before for before, after in pairwise(admitted)} <= {2, 3}


def test_after_a_pause_there_is_no_burst() -> None:
    limit = RateLimit(1.0)
    assert limit.admits(0.0)
    assert [limit.admits(100.0 + n * 0.1) for n in range(11)] == [True, *[False] * 9, True]


def test_no_limit_admits_all() -> None:
    limit = RateLimit(None)
    assert all(limit.admits(0.001 * n) for n in range(100))
