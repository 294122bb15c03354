"""Media time rises, whatever the time stamps do."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError
from pipeline.clock import EPOCH, MediaClock, media_time, parse_recorded_at

TICK = Fraction(1, 1000)
PERIOD = Fraction(1, 10)
TIMESTAMPS = st.lists(st.none() | st.integers(-(2**62), 2**62) | st.integers(0, 5000), max_size=60)


@given(TIMESTAMPS)
def test_time_starts_at_zero_and_always_rises(stamps: list[int | None]) -> None:
    clock = MediaClock(TICK, PERIOD)
    times = [clock.stamp(pts) for pts in stamps]
    assert times[:1] == [0] * bool(times)
    assert all(later > earlier for earlier, later in pairwise(times))
    counts = clock.counts
    assert counts.missing == stamps.count(None)
    assert counts.missing + counts.jumped_back + counts.out_of_range <= len(stamps)


@given(st.lists(st.integers(1, 10_000), max_size=50), st.integers(-(10**9), 10**9))
def test_rising_time_stamps_are_kept(steps: list[int], first: int) -> None:
    clock = MediaClock(TICK, PERIOD)
    total, expected, times = first, [Fraction(0)], [clock.stamp(first)]
    for step in steps:
        total += step
        expected.append((total - first) * TICK)
        times.append(clock.stamp(total))
    assert times == expected
    assert clock.counts == MediaClock(TICK, PERIOD).counts


def stamped(*stamps: int | None) -> list[float]:
    clock = MediaClock(PERIOD, PERIOD)
    return [float(clock.stamp(pts) / PERIOD) for pts in stamps]


def test_after_a_jump_back_time_goes_on_from_there() -> None:
    assert stamped(100, 101, 102, 0, 1, 5) == [0, 1, 2, 3, 4, 8]


def test_one_frame_out_of_order_moves_only_itself() -> None:
    assert stamped(0, 1, 5, 3, 7, 8) == [0, 1, 5, 6, 7, 8]


def test_a_frame_without_time_stamp_follows_its_predecessor() -> None:
    assert stamped(None, None, 50, 51, None, 53) == [0, 1, 2, 3, 4, 5]


def test_a_step_of_years_is_no_time() -> None:
    clock = MediaClock(Fraction(1), Fraction(1))
    assert [clock.stamp(pts) for pts in (0, 1, 10**12, 3)] == [0, 1, 2, 3]
    assert clock.counts.out_of_range == 1


def test_media_time_is_exact_to_the_microsecond() -> None:
    assert media_time(EPOCH, Fraction(1001, 30_000)) == datetime(1970, 1, 1, 0, 0, 0, 33_367, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-01T00:00:00"])
def test_times_without_a_zone_are_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_recorded_at(text)


def test_zones_become_utc() -> None:
    assert parse_recorded_at("2026-01-01T01:00:00+01:00") == datetime(2026, 1, 1, tzinfo=UTC)
    assert parse_recorded_at(" 2026-01-01T00:00:00Z ") == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("base", "period"), [(Fraction(0), PERIOD), (TICK, Fraction(0))])
def test_time_must_pass(base: Fraction, period: Fraction) -> None:
    with pytest.raises(ValueError, match="above 0 s"):
        MediaClock(base, period)
