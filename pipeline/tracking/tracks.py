"""What the tracker says after each frame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class TrackState(IntEnum):
    """Life of a track, with hysteresis: easy to keep, harder to start, hardest to bring back."""

    TENTATIVE = 1
    """Started, not yet believed."""
    CONFIRMED = 2
    """Believed, and seen in this frame."""
    LOST = 3
    """Believed, but not seen now; may come back."""
    REMOVED = 4
    """Ended; its id is never used again."""


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """The tracks that a detection of this frame was given to, as a structure of arrays.

    Attributes:
        id: (N,) int64, per camera, never reused.
        state: (N,) int8, TENTATIVE or CONFIRMED. When a TENTATIVE track becomes CONFIRMED, its earlier frames
            were that person too: who records a track keeps them until then.
        xyxy: (N, 4) float32 pixels, where the track is believed to be: the detection, smoothed by what came before.
        detected_xyxy: (N, 4) float32 pixels, the detection itself.
        confidence: (N,) float32, of the detection.
        class_id: (N,) int64.
        detection_index: (N,) int64, which detection of this frame it is.
        previous_id: (N,) int64, the id under which the same boxes were reported until now. It differs from ``id``
            in the frame in which a track turns out to be a person who was lost before: what was kept under
            ``previous_id`` belongs to ``id``. Only a track that becomes CONFIRMED in this frame changes its id.
        removed_id: (M,) int64, tracks that ended with this frame, whatever state they had; an id that went over
            into another is not among them.
    """

    id: NDArray[np.int64]
    state: NDArray[np.int8]
    xyxy: NDArray[np.float32]
    detected_xyxy: NDArray[np.float32]
    confidence: NDArray[np.float32]
    class_id: NDArray[np.int64]
    detection_index: NDArray[np.int64]
    previous_id: NDArray[np.int64]
    removed_id: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.id)
