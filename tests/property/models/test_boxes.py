from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.boxes import iou_matrix, non_maximum_suppression
from models.detections import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _boxes(most: int = 25) -> st.SearchStrategy[NDArray[np.float32]]:
    corner = st.integers(-50, 50)
    side = st.integers(0, 60)
    box = st.tuples(corner, corner, side, side).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))
    return st.lists(box, max_size=most).map(lambda rows: np.array(rows, np.float32).reshape(-1, 4))


@given(_boxes(), _boxes())
def test_iou_is_symmetric_and_within_bounds(first: NDArray[np.float32], second: NDArray[np.float32]) -> None:
    overlap = iou_matrix(first, second)
    assert overlap.shape == (len(first), len(second))
    assert ((overlap >= 0) & (overlap <= 1 + 1e-12)).all()
    np.testing.assert_array_equal(overlap, iou_matrix(second, first).T)


@given(_boxes())
def test_a_box_with_area_overlaps_itself_wholly(boxes: NDArray[np.float32]) -> None:
    has_area = (boxes[:, 2:] > boxes[:, :2]).all(1)
    np.testing.assert_array_equal(np.diag(iou_matrix(boxes, boxes)), has_area.astype(float))


@given(_boxes(), st.floats(0, 1), st.integers(0, 30))
def test_suppression_keeps_the_best_and_no_overlap(
    boxes: NDArray[np.float32], threshold: float, limit: int
) -> None:
    scores = np.array([(31 * index + int(box.sum())) % 7 / 7 for index, box in enumerate(boxes)], np.float32)
    kept = non_maximum_suppression(boxes, scores, threshold, limit)
    assert len(kept) <= limit
    assert len(set(kept.tolist())) == len(kept)
    assert (np.diff(scores[kept]) <= 0).all()
    overlap = iou_matrix(boxes, boxes)
    among = overlap[np.ix_(kept, kept)]
    np.fill_diagonal(among, 0)
    assert (among <= threshold).all()
    if len(kept) < limit:  # whoever is gone has a better neighbour that stayed
        for gone in set(range(len(boxes))) - set(kept.tolist()):
            assert ((overlap[gone, kept] > threshold) & (scores[kept] >= scores[gone])).any()


@given(_boxes(), st.floats(0, 1), st.integers(0, 30), st.integers(1, 4))
def test_suppression_is_the_plain_one_and_equal_scores_keep_their_order(
    boxes: NDArray[np.float32], threshold: float, limit: int, levels: int
) -> None:
    scores = np.array([int(box.sum()) % levels / levels for box in boxes], np.float32)
    overlap = iou_matrix(boxes, boxes)
    plain: list[int] = []
    for index in sorted(range(len(boxes)), key=lambda index: -scores[index]):  # sorting is stable
        if len(plain) < limit and all(overlap[index, other] <= threshold for other in plain):
            plain.append(index)
    assert non_maximum_suppression(boxes, scores, threshold, limit).tolist() == plain


def test_a_box_that_overlaps_exactly_as_much_as_allowed_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 5], [20, 0, 30, 10]], np.float32)
    scores = np.array([0.9, 0.8, 0.7], np.float32)
    assert non_maximum_suppression(boxes, scores, 0.5, 10).tolist() == [0, 1, 2]
    assert non_maximum_suppression(boxes, scores, 0.49, 10).tolist() == [0, 2]
    assert non_maximum_suppression(boxes, scores, 0.0, 10).tolist() == [0, 2]


@given(
    arrays(np.float32, st.tuples(st.integers(0, 20), st.just(4)), elements=st.floats(width=32)),
    st.integers(0, 2**32 - 1),
)
def test_sanitised_detections_are_valid_whatever_comes(xyxy: NDArray[np.float32], seed: int) -> None:
    confidence = np.random.default_rng(seed).normal(0.5, 1, len(xyxy))
    confidence[::7] = np.nan
    found, refused = Detections.sanitised(xyxy, confidence)
    assert len(found) + refused == len(xyxy)
    assert (found.xyxy[:, 2:] > found.xyxy[:, :2]).all()
