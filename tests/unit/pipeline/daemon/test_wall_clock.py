"""UTC names of moments: the wall clock is followed when it is set, and only then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.daemon.wall_clock import WallAnchor

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Machine:
    """A wall clock and a monotonic one."""

    def __init__(self) -> None:
        self.utc = BEGIN
        self.monotonic_s = 5000.0

    def pass_s(self, seconds: float) -> None:
        self.utc += timedelta(seconds=seconds)
        self.monotonic_s += seconds

    def anchor(self) -> WallAnchor:
        return WallAnchor(lambda: self.utc, lambda: self.monotonic_s)


def test_now_is_what_the_wall_clock_says() -> None:
    machine = Machine()
    anchor = machine.anchor()
    assert anchor.utc(machine.monotonic_s) == BEGIN
    machine.pass_s(90)
    assert anchor.check() is None
    assert anchor.utc(machine.monotonic_s) == BEGIN + timedelta(seconds=90)
    assert anchor.steps == 0


def test_a_clock_that_was_set_is_followed_once() -> None:
    machine = Machine()
    anchor = machine.anchor()
    for step in (timedelta(hours=-1), timedelta(hours=2)):
        machine.utc += step
        assert anchor.check() == step
        assert anchor.check() is None
        assert anchor.utc(machine.monotonic_s) == machine.utc
    assert anchor.steps == 2


def test_until_it_is_noticed_time_goes_on_as_before() -> None:
    machine = Machine()
    anchor = machine.anchor()
    machine.utc += timedelta(hours=1)
    assert anchor.utc(machine.monotonic_s) == BEGIN


def test_a_clock_that_is_slewed_is_not_followed() -> None:
    machine = Machine()
    anchor = machine.anchor()
    machine.utc += timedelta(seconds=0.4)
    assert anchor.check() is None
    assert anchor.utc(machine.monotonic_s) == BEGIN
    machine.utc += timedelta(seconds=0.2)  # what adds up is followed in the end
    assert anchor.check() == timedelta(seconds=0.6)
