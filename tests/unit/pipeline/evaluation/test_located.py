"""Where the errors are, on a scene small enough to know the answer."""

from __future__ import annotations

import numpy as np

from pipeline.evaluation.scores import ErrorKind
from pipeline.evaluation.tracking import evaluate_sequence, locate_errors
from pipeline.motchallenge import MotTable

HERE, THERE = (0.0, 0.0, 10.0, 20.0), (100.0, 0.0, 110.0, 20.0)


def table(*rows: tuple[int, int, tuple[float, float, float, float]]) -> MotTable:
    frame, number, boxes = (np.array(column) for column in zip(*rows, strict=True))
    return MotTable.of_results(frame, number, boxes, np.ones(len(rows)))


def test_a_miss_a_ghost_and_a_switch_are_found_where_they_happen() -> None:
    truth = table((1, 5, HERE), (2, 5, HERE), (3, 5, HERE), (4, 5, HERE))
    results = table((1, 70, HERE), (2, 70, THERE), (3, 80, HERE), (4, 80, HERE))
    errors = locate_errors(results, truth)
    assert [ErrorKind(kind).name for kind in errors.kind] == ["MISS", "FALSE_POSITIVE", "IDENTITY_SWITCH"]
    assert errors.frame.tolist() == [2, 2, 3]
    assert errors.person_id.tolist() == [5, -1, 5]
    assert errors.track_number.tolist() == [-1, 70, 80]
    assert errors.previous_track.tolist() == [-1, -1, 70]
    assert errors.xyxy.tolist() == [list(HERE), list(THERE), list(HERE)]


def test_a_track_that_covered_somebody_keeps_him_while_the_boxes_overlap_by_half() -> None:
    near = (0.0, 0.0, 10.0, 15.0)  # overlaps HERE by 0.75
    truth = table((1, 1, HERE), (2, 1, HERE))
    results = table((1, 7, HERE), (2, 7, near), (2, 8, HERE))
    errors = locate_errors(results, truth)
    assert errors.kind.tolist() == [ErrorKind.FALSE_POSITIVE]
    assert errors.track_number.tolist() == [8]


def test_a_frame_far_beyond_all_others_costs_nothing() -> None:
    truth = table((1, 1, HERE), (90_000_000, 1, HERE))
    errors = locate_errors(table((90_000_000, 7, THERE)), truth)
    assert errors.frame.tolist() == [1, 90_000_000, 90_000_000]


def test_a_frame_without_any_track_ends_no_match() -> None:
    near = (0.0, 0.0, 10.0, 15.0)
    truth = table((1, 1, HERE), (2, 1, HERE), (3, 1, HERE))
    results = table((1, 7, HERE), (3, 7, near), (3, 8, HERE))
    errors = locate_errors(results, truth)
    assert errors.kind.tolist() == [ErrorKind.MISS, ErrorKind.FALSE_POSITIVE]
    assert errors.track_number.tolist() == [-1, 8]
    scores = evaluate_sequence(results, truth)
    assert (scores.misses, scores.false_positives, scores.identity_switches) == (1, 1, 0)
