"""What must hold of any scores."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation.scores import ErrorKind
from pipeline.evaluation.tracking import evaluate_sequence, locate_errors
from pipeline.motchallenge import MotTable
from tests.disturbed_tracks import disturbed, random_truth

SEEDS = st.integers(0, 100_000)


def counted(truth: MotTable) -> MotTable:
    return truth[truth.score > 0]


def with_ids(table: MotTable, ids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> MotTable:
    return MotTable.of_results(table.frame, ids, table.xyxy, table.score)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_the_ground_truth_itself_scores_100(seed: int) -> None:
    truth = random_truth(seed)
    scores = evaluate_sequence(counted(truth), truth)
    ratios = (
        scores.hota,
        scores.deta,
        scores.assa,
        scores.mota,
        scores.idf1,
        scores.recall,
        scores.precision,
    )
    assert ratios == pytest.approx([100] * 7)
    assert (scores.identity_switches, scores.false_positives, scores.misses) == (0, 0, 0)
    assert len(locate_errors(counted(truth), truth)) == 0


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_the_names_of_tracks_and_the_order_of_rows_do_not_matter(seed: int) -> None:
    truth = random_truth(seed)
    results = disturbed(truth, seed)
    generator = np.random.default_rng(seed)
    old = np.unique(results.id)
    new = generator.permutation(len(old)) * 7 + 3
    renamed = with_ids(results, new[np.searchsorted(old, results.id)])
    shuffled = renamed[generator.permutation(len(renamed))]
    assert asdict(evaluate_sequence(renamed, truth)) == pytest.approx(
        asdict(evaluate_sequence(results, truth))
    )
    assert asdict(evaluate_sequence(shuffled, truth)) == pytest.approx(
        asdict(evaluate_sequence(results, truth))
    )


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.booleans())
def test_located_errors_are_those_that_mota_counts(seed: int, classes: bool) -> None:
    truth = random_truth(seed, classes=classes)
    results = disturbed(truth, seed)
    scores, errors = evaluate_sequence(results, truth, length=30), locate_errors(results, truth, length=30)
    assert len(errors.of(ErrorKind.MISS)) == scores.misses
    assert len(errors.of(ErrorKind.FALSE_POSITIVE)) == scores.false_positives
    assert len(errors.of(ErrorKind.IDENTITY_SWITCH)) == scores.identity_switches
    assert (np.diff(errors.frame) >= 0).all()


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_every_located_error_is_a_row_of_its_table(seed: int) -> None:
    truth = random_truth(seed)
    results = disturbed(truth, seed)
    errors = locate_errors(results, truth)
    rows = {(int(f), int(i)): box for f, i, box in zip(results.frame, results.id, results.xyxy, strict=True)}
    people = {(int(f), int(i)): box for f, i, box in zip(truth.frame, truth.id, truth.xyxy, strict=True)}
    for at in range(len(errors)):
        frame = int(errors.frame[at])
        of_track = errors.kind[at] == ErrorKind.FALSE_POSITIVE
        box = (
            rows[frame, int(errors.track_number[at])]
            if of_track
            else people[frame, int(errors.person_id[at])]
        )
        assert errors.xyxy[at] == pytest.approx(box, abs=1e-3)


def test_no_results_miss_everybody_and_no_truth_makes_all_wrong() -> None:
    truth = random_truth(4)
    nothing = evaluate_sequence(MotTable.empty(), truth)
    assert (nothing.hota, nothing.idf1, nothing.misses) == (0, 0, len(counted(truth)))
    assert len(locate_errors(MotTable.empty(), truth)) == nothing.misses
    everything = evaluate_sequence(counted(truth), MotTable.empty())
    assert everything.false_positives == len(counted(truth))
    assert len(locate_errors(MotTable.empty(), MotTable.empty())) == 0
