"""Which detection belongs to which track: candidate pairs by overlap, then the best one-to-one choice among them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

_DENSE_CELLS = 4096
"""Problems of up to so many tracks x detections are solved whole: splitting them would cost more than it saves."""
_BLOCK_CELLS = 1 << 20
"""Overlaps are looked for in blocks of tracks of at most so many tracks x detections, to bound the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Candidate pairs of tracks and detections whose boxes overlap.

    Attributes:
        row: (P,) index of the track.
        column: (P,) index of the detection.
        iou: (P,) float64, intersection over union.
    """

    row: NDArray[np.intp]
    column: NDArray[np.intp]
    iou: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, index: NDArray[np.bool_] | NDArray[np.intp]) -> Pairs:
        """The pairs at ``index``; themselves if that marks them all, as it does where people keep apart."""
        if index.dtype == np.bool_ and np.count_nonzero(index) == len(self.row):
            return self
        return Pairs(self.row[index], self.column[index], self.iou[index])


def overlapping(
    tracks_xyxy: NDArray[np.float64],
    boxes_xyxy: NDArray[np.float64],
    least_iou: float,
    *,
    nearer: bool = False,
) -> Pairs:
    """Pairs with an IoU of at least ``least_iou`` (> 0), of tracks (N, 4) and boxes (M, 4), ordered by track.

    With ``nearer`` those alone whose second stands nearer to the camera: its feet are lower in the picture.
    """
    rows = max(1, _BLOCK_CELLS // max(1, len(boxes_xyxy)))
    if len(tracks_xyxy) <= rows:
        row, column = _touching(tracks_xyxy, boxes_xyxy, nearer=nearer)
    else:
        blocks = [
            (first, _touching(tracks_xyxy[first : first + rows], boxes_xyxy, nearer=nearer))
            for first in range(0, len(tracks_xyxy), rows)
        ]
        row = np.concatenate([first + block[0] for first, block in blocks])
        column = np.concatenate([block[1] for _, block in blocks])
    if not len(row):
        return Pairs(row, column, np.empty(0))
    a, b = tracks_xyxy.take(row, axis=0), boxes_xyxy.take(column, axis=0)
    shared = np.minimum(a, b)[:, 2:] - np.maximum(a, b)[:, :2]  # (P, 2)
    shared_area = shared[:, 0] * shared[:, 1]
    iou = shared_area / (_area(a) + _area(b) - shared_area)
    return Pairs(row, column, iou)[iou >= least_iou]


def _touching(
    a: NDArray[np.float64], b: NDArray[np.float64], *, nearer: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    left, top, right, bottom = a.T[:, :, None]
    touch = left < b[:, 2]  # (N, M)
    touch &= right > b[:, 0]
    touch &= top < b[:, 3]
    touch &= bottom > b[:, 1]
    if nearer:
        touch &= bottom < b[:, 3]
    row, column = touch.nonzero()
    return row, column


def _area(xyxy: NDArray[np.float64]) -> NDArray[np.float64]:
    size = xyxy[:, 2:] - xyxy[:, :2]
    area: NDArray[np.float64] = size[:, 0] * size[:, 1]
    return area


def assign(
    pairs: Pairs, tracks: int, boxes: int, value: Callable[[Pairs], NDArray[np.float64]]
) -> NDArray[np.intp]:
    """Indices (K,) of a one-to-one choice among ``pairs``: as many as possible of those with the greatest value.

    Pairs whose track and detection have no other candidate are taken as they are; ``value`` is asked only about
    the contested ones, and each knot of these is solved by itself.

    Args:
        pairs: candidates.
        tracks: how many tracks there are.
        boxes: how many detections there are.
        value: gives each pair of a selection its worth, (P,) > 0.

    Reference: Crouse 2016 (the solver in scipy).
    """
    contested = np.bincount(pairs.row, minlength=tracks)[pairs.row] > 1
    contested |= np.bincount(pairs.column, minlength=boxes)[pairs.column] > 1
    if not np.count_nonzero(contested):
        return np.arange(len(pairs))
    chosen = [(~contested).nonzero()[0]]
    open_pairs = contested.nonzero()[0]
    knot = pairs[open_pairs]
    worth = value(knot)
    if tracks * boxes <= _DENSE_CELLS:
        chosen.append(open_pairs[_solve(knot.row, knot.column, worth, tracks, boxes)])
    else:
        chosen.extend(open_pairs[k] for k in _solve_by_component(knot, worth, tracks, boxes))
    return np.concatenate(chosen)


def _solve(
    row: NDArray[np.intp], column: NDArray[np.intp], worth: NDArray[np.float64], rows: int, columns: int
) -> NDArray[np.intp]:
    matrix = np.zeros((rows, columns))
    matrix[row, column] = worth
    i, j = linear_sum_assignment(matrix, maximize=True)
    picked = np.zeros((rows, columns), np.bool_)
    picked[i, j] = True
    chosen: NDArray[np.intp] = picked[row, column].nonzero()[0]
    return chosen


def _solve_by_component(
    knot: Pairs, worth: NDArray[np.float64], tracks: int, boxes: int
) -> Iterator[NDArray[np.intp]]:
    """Solve each connected component of the graph of candidates by itself."""
    graph = coo_array((np.ones(len(knot), np.bool_), (knot.row, tracks + knot.column)), (tracks + boxes,) * 2)
    _, label = connected_components(graph, directed=False)
    order = np.argsort(label[knot.row], kind="stable")
    bounds = (np.diff(label[knot.row][order], prepend=-1, append=-1) != 0).nonzero()[0]
    for first, last in itertools.pairwise(bounds):
        members = order[first:last]
        rows, row = np.unique(knot.row[members], return_inverse=True)
        columns, column = np.unique(knot.column[members], return_inverse=True)
        yield members[_solve(row, column, worth[members], len(rows), len(columns))]
