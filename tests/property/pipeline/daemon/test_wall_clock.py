"""Distances in UTC are distances on the monotonic clock, as long as nobody sets the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.daemon.wall_clock import WallAnchor

MICROSECONDS = st.integers(0, 10**13)  # of uptime: four months
STEPS = st.floats(-(10**6), 10**6).filter(lambda seconds: abs(seconds) > 0.51)


class Machine:
    def __init__(self, uptime_us: int) -> None:
        self.offset = timedelta()
        self.uptime_us = uptime_us

    def wall(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(microseconds=self.uptime_us) + self.offset

    def monotonic(self) -> float:
        return self.uptime_us / 1e6


@given(MICROSECONDS, st.lists(MICROSECONDS, min_size=2, max_size=20), st.lists(STEPS, max_size=5))
def test_distances(uptime_us: int, moments_us: list[int], steps_s: list[float]) -> None:
    machine = Machine(uptime_us)
    anchor = WallAnchor(machine.wall, machine.monotonic)
    for step_s in (0.0, *steps_s):
        machine.offset += timedelta(seconds=step_s)
        anchor.check()
        named = [anchor.utc(moment_us / 1e6) for moment_us in moments_us]
        for moment_us, utc in zip(moments_us, named, strict=True):
            assert utc - named[0] == timedelta(microseconds=moment_us - moments_us[0])
        assert anchor.utc(machine.monotonic()) == machine.wall()
    assert anchor.steps == len(steps_s)


@given(MICROSECONDS, st.lists(st.floats(-0.049, 0.049), max_size=9))
def test_slewing_moves_nothing(uptime_us: int, slews_s: list[float]) -> None:
    machine = Machine(uptime_us)
    anchor = WallAnchor(machine.wall, machine.monotonic)
    before = anchor.utc(1.0)
    for slew_s in slews_s:
        machine.offset += timedelta(seconds=slew_s)
        assert anchor.check() is None
    assert anchor.utc(1.0) == before
    assert anchor.steps == 0
