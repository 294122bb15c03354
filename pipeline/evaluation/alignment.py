"""From two tables of boxes to what tracking metrics take: ids and similarities, frame by frame.

Which rows count is MOTChallenge's definition: ground truth flagged 0 does not; of MOT16/17/20 only pedestrians do,
and a result that lies on something neutral (a person on a vehicle, a static person, a distractor, a reflection) is
neither right nor wrong and is left out.

Reference: Milan et al., MOT16: A Benchmark for Multi-Object Tracking, 2016, section 4; Dendorfer et al., MOT20, 2020.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from pipeline.motchallenge import PEDESTRIAN_CLASS_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.motchallenge import MotTable

_EPS = float(np.finfo("float").eps)
_MATCH_IOU = 0.5
_PERSON_ON_VEHICLE, _NON_MOT_VEHICLE, _STATIC_PERSON, _DISTRACTOR, _REFLECTION = 2, 6, 7, 8, 12
_NEUTRAL = (_PERSON_ON_VEHICLE, _STATIC_PERSON, _DISTRACTOR, _REFLECTION)


class Benchmark(StrEnum):
    """Whose rules say which rows count. Sequences are combined within a benchmark, never across."""

    MOT15 = "MOT15"
    MOT16 = "MOT16"
    MOT17 = "MOT17"
    MOT20 = "MOT20"

    @property
    def neutral_classes(self) -> tuple[int, ...]:
        """Classes of ground truth on which a result is neither right nor wrong."""
        if self is Benchmark.MOT15:
            return ()
        return (*_NEUTRAL, _NON_MOT_VEHICLE) if self is Benchmark.MOT20 else _NEUTRAL


@dataclass(frozen=True, slots=True, eq=False)
class AlignedSequence:
    """What counts in each frame of a sequence, and how well each pair of boxes overlaps.

    Frames in which neither table has a row are left out: no metric changes with them.

    Attributes:
        frame: (F,) int64, number of each frame, 1-based, rising.
        length: frames of the sequence, empty ones included.
        person_ids: for each frame (G,) int64, identities renumbered 0 ... persons - 1.
        track_ids: for each frame (T,) int64, tracks renumbered 0 ... tracks - 1.
        similarity: for each frame (G, T) float64, intersection over union.
        person_rows: for each frame (G,) row of the ground truth table.
        track_rows: for each frame (T,) row of the results table.
        persons: identities in the ground truth.
        tracks: tracks in the results.
    """

    frame: NDArray[np.int64]
    length: int
    person_ids: Sequence[NDArray[np.int64]]
    track_ids: Sequence[NDArray[np.int64]]
    similarity: Sequence[NDArray[np.float64]]
    person_rows: Sequence[NDArray[np.int64]]
    track_rows: Sequence[NDArray[np.int64]]
    persons: int
    tracks: int


def align(results: MotTable, ground_truth: MotTable, benchmark: Benchmark, length: int) -> AlignedSequence:
    """The boxes of both tables that count, over frames 1 ... ``length``.

    Args:
        results: what a tracker says; finite boxes, each id at most once a frame.
        ground_truth: who is where; the same holds.
        benchmark: whose rules apply.
        length: frames of the sequence; no row lies beyond it.
    """
    counted = _counted(ground_truth, benchmark)
    frame = np.union1d(results.frame, ground_truth.frame)
    person_rows, track_rows, similarity = [], [], []
    for truth, found in zip(_rows_by_frame(ground_truth, frame), _rows_by_frame(results, frame), strict=True):
        overlap = box_iou(ground_truth.xyxy[truth], results.xyxy[found])
        neutral = _on_something_neutral(overlap, ground_truth.class_id[truth], benchmark)
        person_rows.append(truth[counted[truth]])
        track_rows.append(np.delete(found, neutral))
        similarity.append(np.delete(overlap, neutral, axis=1)[counted[truth]])
    person_ids, persons = _renumbered(ground_truth.id, person_rows)
    track_ids, tracks = _renumbered(results.id, track_rows)
    return AlignedSequence(
        frame, length, person_ids, track_ids, similarity, person_rows, track_rows, persons, tracks
    )


def box_iou(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, M) intersection over union of (N, 4) and (M, 4) xyxy boxes; 0 for a box without area."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    intersection = np.maximum(high - low, 0).prod(axis=2)
    area = [(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) for boxes in (first, second)]
    intersection[area[0] <= _EPS, :] = 0
    intersection[:, area[1] <= _EPS] = 0
    union = area[0][:, None] + area[1][None, :] - intersection
    solid = union > _EPS
    iou: NDArray[np.float64] = np.divide(intersection, union, out=np.zeros_like(intersection), where=solid)
    return iou


def _counted(ground_truth: MotTable, benchmark: Benchmark) -> NDArray[np.bool_]:
    counted: NDArray[np.bool_] = ground_truth.score.astype(np.int64) != 0
    if benchmark is not Benchmark.MOT15:
        counted &= ground_truth.class_id == PEDESTRIAN_CLASS_ID
    return counted


def _rows_by_frame(table: MotTable, frames: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Row numbers of each of ``frames``, in the order of the file."""
    order = np.argsort(table.frame, kind="stable")
    ends = np.searchsorted(table.frame[order], frames, side="right")
    return np.split(order, ends)[:-1]


def _on_something_neutral(
    overlap: NDArray[np.float64], classes: NDArray[np.int64], benchmark: Benchmark
) -> NDArray[np.intp]:
    """Columns whose box is matched, at overlap 0.5, to ground truth of a neutral class."""
    from scipy.optimize import linear_sum_assignment

    if not np.isin(classes, benchmark.neutral_classes).any():
        return np.empty(0, np.intp)
    score = np.where(overlap < _MATCH_IOU - _EPS, 0, overlap)
    rows, columns = linear_sum_assignment(-score)
    matched = score[rows, columns] > _EPS
    neutral: NDArray[np.intp] = columns[matched & np.isin(classes[rows], benchmark.neutral_classes)]
    return neutral


def _renumbered(
    ids: NDArray[np.int64], rows: Sequence[NDArray[np.int64]]
) -> tuple[list[NDArray[np.int64]], int]:
    """Ids of the rows of each frame, counted from 0 without holes, and how many there are."""
    used = np.unique(ids[np.concatenate(rows)]) if rows else np.empty(0, np.int64)
    return [np.searchsorted(used, ids[frame_rows]) for frame_rows in rows], len(used)
