"""Association against its plain definition: all overlaps one by one, and one dense assignment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from pipeline.tracking import association
from pipeline.tracking.association import assign, overlapping


def crowd(seed: int, count: int, side: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, side, (count, 2))
    return np.hstack([corner, corner + rng.uniform(5, 60, (count, 2))])


def iou(a: np.ndarray, b: np.ndarray) -> float:
    size = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    shared = float(size.clip(0).prod())
    return shared / float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared)


@given(st.integers(0, 10**6), st.integers(0, 25), st.integers(0, 25), st.sampled_from([1 << 20, 40]))
@settings(max_examples=60, deadline=None)
def test_overlaps_are_all_there(seed: int, tracks: int, boxes: int, block: int) -> None:
    a, b = crowd(seed, tracks, 150), crowd(seed + 1, boxes, 150)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(association, "_BLOCK_CELLS", block)
        pairs = overlapping(a, b, 0.2)
    found = dict(zip(zip(pairs.row.tolist(), pairs.column.tolist(), strict=True), pairs.iou, strict=True))
    expected = {(i, j): iou(a[i], b[j]) for i in range(tracks) for j in range(boxes)}
    expected = {pair: value for pair, value in expected.items() if value >= 0.2}
    assert found == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 40), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_choice_is_one_to_one_and_as_good_as_the_dense_one(
    seed: int, tracks: int, boxes: int, split: bool
) -> None:
    pairs = overlapping(crowd(seed, tracks, 200), crowd(seed + 1, boxes, 200), 0.05)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(association, "_DENSE_CELLS", 0 if split else 10**9)
        chosen = pairs[assign(pairs, tracks, boxes, lambda p: 1 + p.iou)]
    assert len(set(chosen.row.tolist())) == len(set(chosen.column.tolist())) == len(chosen)
    dense = np.zeros((tracks, boxes))
    dense[pairs.row, pairs.column] = 1 + pairs.iou
    best = dense[linear_sum_assignment(dense, maximize=True)].sum()
    assert (1 + chosen.iou).sum() == pytest.approx(best)
