"""Hysteresis against what its words say: begins after lasting presence, ends after lasting absence, never otherwise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.camera_health.hysteresis import Hysteresis

seconds = st.integers(0, 20)
evidence = st.lists(st.tuples(st.integers(0, 15), st.booleans() | st.none()), max_size=80)
"""Seconds since the evidence before, and whether it is there; None suspends."""


def since_all_alike(history: list[tuple[int, bool | None]], end: int) -> int:
    """Time of the first of the unbroken row of alike evidence that ends at ``end``."""
    start = end
    while start > 0 and history[start - 1][1] is history[end][1]:
        start -= 1
    return history[start][0]


@given(seconds, seconds, evidence)
def test_the_state_changes_exactly_after_lasting_evidence(
    begin_after_s: int, end_after_s: int, steps: list[tuple[int, bool | None]]
) -> None:
    state, history, is_on, now = Hysteresis(begin_after_s, end_after_s), [], False, 0
    for wait, present in steps:
        now += wait
        history.append((now, present))
        if present is None:
            state.suspend()
            assert state.is_on is is_on
            continue
        since = since_all_alike(history, len(history) - 1)
        lasted = now - since >= (end_after_s if is_on else begin_after_s)
        changes = present is not is_on and lasted
        assert state.update(present, now) == (since if changes else None)
        is_on ^= changes
        assert state.is_on is is_on


@given(evidence)
def test_no_time_is_told_twice(steps: list[tuple[int, bool | None]]) -> None:
    """What began is told to have ended later, and to begin again later still."""
    state, now, told = Hysteresis(3, 5), 0, []
    for wait, present in steps:
        now += wait + 1
        since = None if present is None else state.update(present, now)
        if since is not None:
            told.append(since)
    assert told == sorted(set(told))
