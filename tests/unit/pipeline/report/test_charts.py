"""Charts whose paths are known: upwards, downwards, when and how high."""

from __future__ import annotations

import re

import numpy as np

from pipeline.evaluation.scores import ErrorKind, LocatedErrors
from pipeline.report.charts import HEIGHT, activity_chart, error_chart, presence
from pipeline.report.content import Activity, Trajectory
from pipeline.report.view import page_view
from tests.report_content import camera_report, evaluation, report

FPS = 10.0
_HEADROOM = 1.08


def errors(*rows: tuple[ErrorKind, int]) -> LocatedErrors:
    """Errors of these kinds in these frames."""
    kinds = np.array([kind for kind, _ in rows], np.int8)
    frames = np.array([frame for _, frame in rows], np.int64)
    nobody = np.full(len(rows), -1, np.int64)
    return LocatedErrors(kinds, frames, np.zeros((len(rows), 4), np.float32), nobody, nobody, nobody)


def levels(path: str) -> list[float]:
    """Heights of the steps of a path, from the top."""
    return [float(y) for y in re.findall(r"V([\d.]+)H[\d.]+(?!Z)", path)]


def test_activity_is_an_area_of_the_mean_under_a_line_of_the_peak() -> None:
    chart = activity_chart(Activity(1.0, np.array([1.0, 2.5, 0.0]), np.array([2, 4, 1])), 3.0)
    unit = HEIGHT / (4 * _HEADROOM)
    assert levels(chart.peak_line) == [round(HEIGHT - n * unit, 1) for n in (2, 4, 1)]
    assert levels(chart.mean_area.removesuffix("V100H0Z")) == [
        round(HEIGHT - n * unit, 1) for n in (1, 2.5, 0)
    ]
    assert chart.busiest == ("0:01", 4)
    assert [tick.label for tick in chart.persons] == ["0", "1", "2", "3", "4"]
    assert [tick.percent for tick in chart.persons] == [n * unit for n in range(5)]


def test_misses_go_up_and_false_positives_down_in_their_second() -> None:
    miss, extra, switch = ErrorKind.MISS, ErrorKind.FALSE_POSITIVE, ErrorKind.IDENTITY_SWITCH
    found = errors((miss, 1), (miss, 10), (extra, 11), (extra, 20), (extra, 15), (extra, 12), (switch, 21))
    chart = error_chart(found, FPS, 4.0)
    assert (chart.highest, chart.bin_label, chart.worst) == (4, "1 s", ("0:01", 0, 4))
    gap = 0.12 * 250
    assert chart.misses == f"M{gap:.1f} 50.0v-25.0H{250 - gap:.1f}v25.0z"
    assert chart.false_positives == f"M{250 + gap:.1f} 50.0v50.0H{500 - gap:.1f}v-50.0z"
    assert chart.switches == [50.0]


def test_no_errors_are_an_empty_chart() -> None:
    chart = error_chart(errors(), FPS, 4.0)
    assert (chart.misses, chart.false_positives, chart.switches, chart.worst) == ("", "", [], None)


def test_presence_tells_seen_from_filled_in() -> None:
    time_s = np.arange(11.0)
    filled = (time_s > 3) & (time_s < 7)
    bars = presence(Trajectory(1, time_s, np.zeros((11, 4), np.float32), filled), 20.0)
    assert bars.seen == [(0.0, 20.0), (35.0, 15.0)]
    assert bars.filled == [(20.0, 15.0)]


def test_the_better_score_is_the_higher_one_and_of_errors_the_lower() -> None:
    (view,) = page_view(report(camera_report(evaluation=evaluation()))).cameras
    assert view.evaluation is not None
    assert view.evaluation.labels == ["online", "second look"]
    best = {row.name: row.best for row in view.evaluation.rows}
    assert (best["HOTA"], best["FN"], best["FP"]) == (1, 1, 1)  # the second is the truth itself
    assert best["Persons"] is None
