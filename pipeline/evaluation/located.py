"""Where and when a tracker was wrong: the errors that MOTA counts, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.evaluation.scores import ErrorKind, LocatedErrors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.evaluation.alignment import AlignedSequence
    from pipeline.motchallenge import MotTable

_EPS = float(np.finfo("float").eps)
_MATCH_IOU = 0.5
_CONTINUITY_BONUS = 1000  # keeping the match of the frame before outweighs any overlap
_NOBODY = -1


def errors_of_alignment(aligned: AlignedSequence, results: MotTable, ground_truth: MotTable) -> LocatedErrors:
    """Every miss, false positive and identity switch of an aligned sequence.

    Args:
        aligned: from these two tables.
        results: what the tracker says.
        ground_truth: who is where.

    Reference:
        Bernardin & Stiefelhagen, 2008: a match of the frame before is kept while the boxes overlap by half, the other
        boxes are matched for the largest overlap. Counts equal TrackEval's CLEAR.
    """
    number_of = np.zeros(aligned.tracks, np.int64)
    for tracks, rows in zip(aligned.track_ids, aligned.track_rows, strict=True):
        number_of[tracks] = results.id[rows]
    ever = np.full(aligned.persons, _NOBODY, np.int64)  # the track that covered each person last, at any time
    before = ever.copy()  # and in the frame before
    blocks = []
    for index, (persons, tracks) in enumerate(zip(aligned.person_ids, aligned.track_ids, strict=True)):
        rows, columns = _matched(aligned.similarity[index], before[persons], tracks)
        covered, by = persons[rows], tracks[columns]
        switched = (ever[covered] != _NOBODY) & (ever[covered] != by)
        person_rows, track_rows = aligned.person_rows[index], aligned.track_rows[index]
        missed, extra, changed = np.delete(person_rows, rows), np.delete(track_rows, columns), rows[switched]
        truth, frame = ground_truth, int(aligned.frame[index])
        blocks += [
            _block(ErrorKind.MISS, frame, truth.xyxy[missed], truth.id[missed]),
            _block(ErrorKind.FALSE_POSITIVE, frame, results.xyxy[extra], track=results.id[extra]),
            _block(
                ErrorKind.IDENTITY_SWITCH,
                frame,
                truth.xyxy[person_rows[changed]],
                truth.id[person_rows[changed]],
                number_of[by[switched]],
                number_of[ever[covered[switched]]],
            ),
        ]
        ever[covered] = by
        if len(persons) and len(tracks):  # TrackEval's reading: an empty frame does not end a match
            before[:] = _NOBODY
            before[covered] = by
    return _joined(blocks)


def _matched(
    similarity: NDArray[np.float64], before: NDArray[np.int64], tracks: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the (G, T) similarities that are matched in one frame."""
    from scipy.optimize import linear_sum_assignment

    score = _CONTINUITY_BONUS * (before[:, None] == tracks[None, :]) + similarity
    score[similarity < _MATCH_IOU - _EPS] = 0
    rows, columns = linear_sum_assignment(-score)
    matched = score[rows, columns] > _EPS
    return rows[matched], columns[matched]


def _block(
    kind: ErrorKind,
    frame: int,
    xyxy: NDArray[np.float64],
    person: Any = _NOBODY,
    track: Any = _NOBODY,
    previous: Any = _NOBODY,
) -> tuple[NDArray[Any], ...]:
    """Columns of ``LocatedErrors`` for the errors of one kind in one frame."""
    count = len(xyxy)
    return tuple(
        np.broadcast_to(value, (count, 4) if value is xyxy else count)
        for value in (kind, frame, xyxy, person, track, previous)
    )


def _joined(blocks: Sequence[tuple[NDArray[Any], ...]]) -> LocatedErrors:
    if not blocks:
        blocks = [_block(ErrorKind.MISS, 0, np.empty((0, 4)))]
    kind, frame, xyxy, person, track, previous = (
        np.concatenate(column) for column in zip(*blocks, strict=True)
    )
    return LocatedErrors(
        kind.astype(np.int8),
        frame.astype(np.int64),
        xyxy.astype(np.float32),
        person.astype(np.int64),
        track.astype(np.int64),
        previous.astype(np.int64),
    )
