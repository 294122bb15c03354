"""The usual level is a median at first, and then goes towards what is learnt, slowly."""

from __future__ import annotations

import statistics

from hypothesis import given
from hypothesis import strategies as st

from pipeline.camera_health.usual import UsualLevel

values = st.floats(1e-3, 1e3)


def learnt(*levels: float) -> UsualLevel:
    usual = UsualLevel()
    for level in levels:
        usual.learn(level)
    return usual


@given(st.lists(values, min_size=15, max_size=15))
def test_the_first_level_is_the_median(first: list[float]) -> None:
    assert learnt(*first[:14]).value is None
    assert learnt(*first).value == statistics.median(first)


@given(values, st.lists(values, max_size=500))
def test_no_step_is_larger_than_a_thousandth_nor_leads_away(start: float, later: list[float]) -> None:
    usual, before = learnt(*[start] * 15), start
    for level in later:
        usual.learn(level)
        now = usual.value
        assert now is not None
        assert abs(now - before) <= 0.001 * before * (1 + 1e-9)
        assert (now - before) * (level - before) >= 0
        assert now != before or level == before
        before = now


@given(st.lists(st.floats(-10, 0), max_size=50))
def test_what_is_not_positive_is_no_level(nothing: list[float]) -> None:
    assert learnt(*nothing).value is None
    assert learnt(*[2.0] * 15, *nothing).value == 2.0


@given(values, values)
def test_a_lasting_change_becomes_usual(start: float, later: float) -> None:
    """A factor of a million takes 13,816 steps of a thousandth."""
    usual = learnt(*[start] * 15, *[later] * 14_000)
    assert usual.value is not None
    assert abs(usual.value / later - 1) <= 0.0011
