"""Gaps of recordings of constant rate are counted to the frame; of any other nothing is said."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pipeline.capture.continuity import FrameSteps, MissingFrames


@given(
    rate_hz=st.integers(1, 120),
    gaps=st.dictionaries(st.integers(2, 398), st.integers(1, 500), max_size=12),
    origin=st.integers(-(10**9), 10**9),
)
def test_every_missing_frame_is_counted(rate_hz: int, gaps: dict[int, int], origin: int) -> None:
    steps = FrameSteps(Fraction(1, 90_000))
    number = 0
    for index in range(400):
        number += 1 + gaps.get(index, 0)
        pts = origin + round(number * 90_000 / rate_hz)
        steps.add(pts, Fraction(number, rate_hz))
    found = steps.gaps()
    assert found.gaps == len(gaps)
    assert found.in_gaps == sum(gaps.values())
    assert [gap.frames for gap in found.first_gaps] == [gaps[index] for index in sorted(gaps)]


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=300), st.integers(1, 10**6))
def test_the_few_steps_of_a_variable_rate_are_no_gaps(lengths: list[int], end_s: int) -> None:
    """Whatever the steps: gaps are named only where nineteen of twenty steps are alike."""
    steps = FrameSteps(Fraction(1, 1000))
    pts = 0
    for length in [0, *lengths]:
        pts += length
        steps.add(pts, pts * Fraction(1, 1000))
    found = steps.gaps()
    period = sorted(lengths[:50])[(min(len(lengths), 50) - 1) // 2]
    regular = sum(abs(length - period) <= period / 4 for length in lengths)
    if len(lengths) < 19 or regular < 0.95 * len(lengths):
        assert found == MissingFrames()
        assert steps.missing_until(Fraction(end_s)) == 0
    else:
        assert found.gaps == sum(length > 1.5 * period for length in lengths)
