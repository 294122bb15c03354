"""The time of tracks never goes back, and stands still with the scene."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.daemon.moving_time import MovingTime


@given(st.lists(st.tuples(st.floats(0.01, 20), st.floats(0, 1), st.booleans()), max_size=40))
def test_it_is_the_media_time_less_what_was_still(gaps: list[tuple[float, float, bool]]) -> None:
    moving = MovingTime()
    time_s = still_s = expected_s = 0.0
    times = [moving.advance(time_s, still_s)]
    for gap_s, still_share, restarted in gaps:
        time_s += gap_s
        between_s = gap_s * still_share
        still_s = between_s if restarted else still_s + between_s
        expected_s += gap_s - between_s
        times.append(moving.advance(time_s, still_s))
    assert all(after >= before for before, after in pairwise(times))
    if not any(restarted for *_, restarted in gaps):
        assert times[-1] == pytest.approx(expected_s)
    assert times[-1] <= time_s + 1e-9


def test_a_still_scene_takes_a_frame_period() -> None:
    moving = MovingTime()
    moving.advance(100.0, 5.0)
    assert moving.advance(110.0, 14.9) == pytest.approx(0.1)


def test_a_reader_that_was_started_anew() -> None:
    moving = MovingTime()
    moving.advance(100.0, 50.0)
    assert moving.advance(103.0, 1.0) == pytest.approx(2.0)
