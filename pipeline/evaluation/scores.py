"""What an evaluation says: scores in percent, counts, and where the errors are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TrackingScores:
    """How well tracks agree with ground truth, in the field's definitions.

    Ratios are percentages. ``mota`` may be negative; all others lie in [0, 100].

    Attributes:
        hota: geometric mean of detection and association accuracy, mean over 19 overlaps from 0.05 to 0.95.
        deta: detection accuracy: were persons found, and nothing else?
        assa: association accuracy: did each person keep one number?
        loca: mean overlap of the boxes that match.
        mota: 1 - (misses + false positives + identity switches) / persons, at overlap 0.5.
        motp: mean overlap of the boxes that match at 0.5.
        idf1: F1 of boxes under the best one-to-one assignment of tracks to persons.
        recall: share of the persons' boxes that were found, at overlap 0.5.
        precision: share of the tracks' boxes that are persons, at overlap 0.5.
        identity_switches: how often a person's number changed.
        false_positives: boxes that match no person.
        misses: boxes of persons that no track covers.
        fragmentations: how often the track of a person was interrupted and resumed.
        mostly_tracked: persons covered for more than 80 % of their life.
        mostly_lost: persons covered for less than 20 % of it.
        persons: identities in the ground truth.
        frames: how many frames were scored.

    Reference:
        HOTA: Luiten et al., IJCV 2021. CLEAR (MOTA, MOTP): Bernardin & Stiefelhagen, 2008. IDF1: Ristani et al., 2016.
    """

    hota: float
    deta: float
    assa: float
    loca: float
    mota: float
    motp: float
    idf1: float
    recall: float
    precision: float
    identity_switches: int
    false_positives: int
    misses: int
    fragmentations: int
    mostly_tracked: int
    mostly_lost: int
    persons: int
    frames: int


@dataclass(frozen=True, slots=True)
class DetectionScores:
    """How well boxes agree with labelled persons, as COCO defines it. All in percent but the last two.

    Attributes:
        ap: average precision, mean over overlaps 0.50, 0.55 ... 0.95.
        ap50: average precision at overlap 0.5.
        ap75: average precision at overlap 0.75.
        ar100: recall with at most 100 boxes an image, mean over the same overlaps.
        best_f1: highest F1 on the precision-recall curve at overlap 0.5 (101 recall points).
        best_f1_confidence: confidence in [0, 1] at that point: a threshold to start from.
        persons: labelled boxes.

    Reference:
        Lin et al., Microsoft COCO, 2014, and the COCO detection evaluation.
    """

    ap: float
    ap50: float
    ap75: float
    ar100: float
    best_f1: float
    best_f1_confidence: float
    persons: int


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a score lies with 95 % confidence, in the unit of the score."""

    low: float
    high: float


class ErrorKind(IntEnum):
    """What a tracker can get wrong at one place in one frame."""

    MISS = 1
    """A person is there, and no track covers it."""
    FALSE_POSITIVE = 2
    """A track is there, and no person."""
    IDENTITY_SWITCH = 3
    """A person is covered by another track than the last time it was covered."""


@dataclass(frozen=True, slots=True, eq=False)
class LocatedErrors:
    """Where and when the errors that MOTA counts happened, sorted by frame.

    Attributes:
        kind: (N,) int8, :class:`ErrorKind`.
        frame: (N,) int64, 1-based as in MOTChallenge files: frame n is the picture of index n - 1.
        xyxy: (N, 4) float32 pixels: of the person for misses and switches, of the track for false positives.
        person_id: (N,) int64, identity in the ground truth; -1 for false positives.
        track_number: (N,) int64, the track (after a switch); -1 for misses.
        previous_track: (N,) int64, the track before a switch; -1 otherwise.
    """

    kind: NDArray[np.int8]
    frame: NDArray[np.int64]
    xyxy: NDArray[np.float32]
    person_id: NDArray[np.int64]
    track_number: NDArray[np.int64]
    previous_track: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.kind)

    def of(self, kind: ErrorKind) -> LocatedErrors:
        """Only the errors of one kind."""
        chosen = np.flatnonzero(self.kind == kind)
        return LocatedErrors(
            self.kind[chosen],
            self.frame[chosen],
            self.xyxy[chosen],
            self.person_id[chosen],
            self.track_number[chosen],
            self.previous_track[chosen],
        )
