"""Intervals: repeatable, around the score, and silent where nothing can be said."""

from __future__ import annotations

import pytest

from pipeline.evaluation.alignment import Benchmark, align
from pipeline.evaluation.bootstrap import intervals
from pipeline.evaluation.boxes import Box
from pipeline.evaluation.detection import score_boxes
from pipeline.evaluation.metrics import combined_scores, sequence_statistics
from tests.disturbed_tracks import disturbed, random_truth

UNITS = [
    sequence_statistics(align(disturbed(truth, seed), truth, Benchmark.MOT17, 30))
    for seed in range(6)
    for truth in [random_truth(seed)]
]


def test_an_interval_holds_the_score_and_is_the_same_every_time() -> None:
    score = combined_scores(UNITS)
    first, second = (intervals(UNITS, combined_scores, ["hota", "mota"], draws=200) for _ in range(2))
    assert first == second
    assert first["hota"].low < score.hota < first["hota"].high
    assert first["mota"].low < score.mota < first["mota"].high


def test_equal_units_leave_no_doubt() -> None:
    found = intervals([UNITS[0]] * 4, combined_scores, ["idf1"], draws=50)["idf1"]
    assert abs(found.high - found.low) < 1e-9


def test_two_sequences_say_nothing_about_a_third() -> None:
    assert intervals(UNITS[:2], combined_scores, ["hota"], draws=50) == {}


def test_draws_without_a_person_are_left_out() -> None:
    label = Box("0.jpg", (0.0, 0.0, 20.0, 40.0))
    names = [f"{number}.jpg" for number in range(5)]
    found = score_boxes([label], [label], names, draws=50)
    interval = found.intervals["ap"]
    assert (interval.low, interval.high) == pytest.approx((100, 100))
    assert score_boxes([label], [], names, draws=5).intervals == {}
