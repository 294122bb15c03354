"""What a detector found in one image: the one form in which boxes travel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PERSON_CLASS_ID = 0
"""Class of a person in every ``Detections``, whatever the network's own class list says."""


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Boxes found in one image, as a structure of arrays.

    Attributes:
        xyxy: (N, 4) float32, left, top, right, bottom in pixels of the original image; finite, right >= left,
            bottom >= top. Boxes may reach outside the picture.
        confidence: (N,) float32 in [0, 1].
        class_id: (N,) int64, ``PERSON_CLASS_ID`` for persons.
        refused: how many boxes the network gave that are none, such as NaN, and are left out here; selecting
            some of the boxes forgets it.

    Raises:
        ValueError: a shape, a value that is not finite, an inverted box or a confidence outside [0, 1].
            Use :meth:`sanitised` for boxes from outside.
    """

    xyxy: NDArray[np.float32]
    confidence: NDArray[np.float32]
    class_id: NDArray[np.int64]
    refused: int = 0

    def __post_init__(self) -> None:
        count = len(self.xyxy)
        for name, expected in (("xyxy", (count, 4)), ("confidence", (count,)), ("class_id", (count,))):
            actual = getattr(self, name).shape
            if actual != expected:
                raise ValueError(f"Detections.{name} must have shape {expected}, has {actual}")
        if not np.isfinite(self.xyxy).all():
            raise ValueError("Detections.xyxy must be finite")
        if (self.xyxy[:, 2:] < self.xyxy[:, :2]).any():
            raise ValueError("Detections.xyxy must not be inverted: right >= left and bottom >= top")
        if not ((self.confidence >= 0) & (self.confidence <= 1)).all():
            raise ValueError("Detections.confidence must lie in [0, 1]")

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, index: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Detections:
        return Detections(self.xyxy[index], self.confidence[index], self.class_id[index])

    @classmethod
    def empty(cls) -> Self:
        """No box at all."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int64))

    @classmethod
    def sanitised(
        cls,
        xyxy: NDArray[np.floating],
        confidence: NDArray[np.floating],
        class_id: NDArray[np.integer] | None = None,
    ) -> tuple[Self, int]:
        """Boxes from outside, without those that are not finite, inverted or of no area.

        Confidences are clipped to [0, 1].

        Args:
            xyxy: (N, 4) pixels.
            confidence: (N,).
            class_id: (N,), persons when absent.

        Returns:
            The detections that are left, and how many were refused.
        """
        xyxy = np.asarray(xyxy, np.float32).reshape(-1, 4)
        confidence = np.asarray(confidence, np.float32).reshape(-1)
        classes = np.full(len(xyxy), PERSON_CLASS_ID) if class_id is None else np.asarray(class_id)
        keep = (
            np.isfinite(xyxy).all(1)
            & np.isfinite(confidence)
            & (xyxy[:, 2] > xyxy[:, 0])
            & (xyxy[:, 3] > xyxy[:, 1])
        )
        refused = int(len(xyxy) - keep.sum())
        kept = cls(xyxy[keep], confidence[keep].clip(0, 1), classes[keep].astype(np.int64), refused)
        return kept, refused
