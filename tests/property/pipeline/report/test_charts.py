"""Charts stay inside their box and their ticks on their axis, whatever is drawn."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.report.charts import HEIGHT, WIDTH, activity_chart, error_chart, presence, time_ticks
from pipeline.report.content import Activity, Trajectory
from tests.report_content import evaluation

DURATIONS = st.floats(0.05, 2_000_000)


@given(DURATIONS)
def test_times_on_an_axis_are_few_round_and_rising(span: float) -> None:
    ticks = time_ticks(span)
    places = [tick.percent for tick in ticks]
    assert places == sorted(places)
    assert 1 <= len(ticks) <= 61
    assert 0 <= places[0] <= places[-1] <= 100
    assert len({tick.label for tick in ticks}) == len(ticks)


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=1000),
    st.sampled_from([1.0, 10.0, 60.0]),
    st.floats(0.0, 1.0),
)
def test_an_activity_chart_keeps_its_peak_and_stays_in_its_box(
    peaks: list[int], bin_s: float, last: float
) -> None:
    peak = np.array(peaks)
    chart = activity_chart(Activity(bin_s, peak * 0.8, peak), bin_s * (len(peaks) - 1 + last))
    assert chart.busiest[1] == max(peaks)
    assert 0 <= chart.persons[-1].percent <= 100
    for level in re.findall(r"V([\d.-]+)", chart.peak_line + chart.mean_area):
        assert 0 <= float(level) <= HEIGHT
    for edge in re.findall(r"H([\d.-]+)", chart.peak_line):
        assert 0 <= float(edge) <= WIDTH


@settings(max_examples=40)
@given(DURATIONS, st.integers(0, 50))
def test_an_error_chart_shows_the_switches(duration: float, seed: int) -> None:
    judged = evaluation(seed)
    chart = error_chart(judged.errors, judged.fps, duration)
    assert all(0 <= place <= 100 for place in chart.switches)
    switches = judged.scores["online"].identity_switches
    assert min(switches, 1) <= len(chart.switches) <= switches


@given(st.lists(st.booleans(), min_size=1, max_size=50))
def test_presence_covers_a_track_with_seen_and_filled_stretches(flags: list[bool]) -> None:
    count = len(flags)
    track = Trajectory(1, np.arange(count, dtype=float), np.zeros((count, 4), np.float32), np.array(flags))
    shown = presence(track, float(count))
    assert len(shown.seen) + len(shown.filled) == 1 + int(np.count_nonzero(np.diff(flags)))
    assert all(0 <= start <= 100 and width > 0 for start, width in [*shown.seen, *shown.filled])
