"""Where a camera looks, compared with where it looked before: the background's place, and whether it is there at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Measured on four scenes (vtest, a hall, UCSD Ped2, an opera house) at 160 pixels of width, each against its own median of
# nine pictures, crops of it, the scene darkened to a tenth with noise, blurred, and the other scenes.
_SURE = 0.2
"""Peak of the correlation: at least 0.25 for the same scene, mostly also moved by a tenth; at most 0.16 for another."""
_UNLIKE = 0.15
"""Likeness of another scene: at most 0.07; of the same scene 0.44 in the dark and 0.59 out of focus."""
_STEADY = 0.5
"""Likeness to the picture before that shows real structure: less is noise, or people all over the picture."""
_MASK_SEAM_PX = 5
"""Around masked areas, whose edges stay in their place when the camera moves, nothing is compared."""
_TAPER_PX = 9
"""From there weights rise over so many pixels, or the edge of the weights would be what is found again."""


@dataclass(frozen=True, slots=True)
class Displacement:
    """A picture beside the reference of its background.

    Attributes:
        dx: the background lies so far right of its place, as a part of the picture's width; negative for left.
        dy: so far down, as a part of the picture's width too.
        confidence: peak of the phase correlation; 1 for the same picture, about 0 for another one.
        likeness: correlation of the contours that lie in the same place, -1 to 1; light does not matter.
        steadiness: likeness to the picture before; None where there is none.
    """

    dx: float
    dy: float
    confidence: float
    likeness: float
    steadiness: float | None

    @property
    def distance(self) -> float:
        """How far the background lies from its place, as a part of the picture's width."""
        return math.hypot(self.dx, self.dy)

    @property
    def is_another_view(self) -> bool:
        """Whether nothing of the reference is there any more, in a picture that itself stands still."""
        return self.likeness < _UNLIKE and self.steadiness is not None and self.steadiness >= _STEADY

    def is_moved(self, moved_fraction: float) -> bool | None:
        """Whether the camera looks elsewhere; None where the pictures do not tell.

        Args:
            moved_fraction: part of the picture's width that counts as moved.
        """
        if self.confidence >= _SURE:
            return self.distance >= moved_fraction
        return True if self.is_another_view else None


def displacement(
    reference: NDArray[np.uint8], now: NDArray[np.uint8], before: NDArray[np.uint8] | None
) -> Displacement:
    """Compare a picture with the reference of its background.

    Args:
        reference: (h, w) uint8; masked areas are black here and in the others.
        now: (h, w) uint8.
        before: (h, w) uint8, the picture before.

    Reference:
        Kuglin and Hines 1975 (phase correlation).
    """
    import cv2

    seen = _seen(reference, now)
    weight = cv2.blur(seen.astype(np.float32), (_TAPER_PX, _TAPER_PX)) * _window(*now.shape)
    first, second = (_around_mean(picture, weight) * weight for picture in (reference, now))
    (dx, dy), peak = cv2.phaseCorrelate(first, second)
    width = now.shape[1]
    return Displacement(
        dx=dx / width,
        dy=dy / width,
        confidence=peak,
        likeness=likeness(reference, now),
        steadiness=None if before is None else likeness(before, now),
    )


def likeness(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Correlation of the strength of contours in two pictures (h, w), -1 to 1; 0 where there are none."""
    seen = _seen(first, second)
    a, b = (_deviations(_contours(picture), seen) for picture in (first, second))
    length = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / length if length else 0.0


def _deviations(values: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """From the mean of the seen points (h, w), as (h * w,); 0 at the others."""
    weights = seen.astype(np.float32)
    total = float(weights.sum())
    mean = float(values.ravel() @ weights.ravel()) / total if total else 0.0
    return np.asarray(((values - np.float32(mean)) * weights).ravel(), np.float32)


def _seen(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.bool_]:
    import cv2

    black = ((first == 0) | (second == 0)).astype(np.uint8)
    return np.asarray(cv2.dilate(black, np.ones((_MASK_SEAM_PX, _MASK_SEAM_PX), np.uint8)) == 0, np.bool_)


def _contours(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    import cv2

    across, down = cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _around_mean(picture: NDArray[np.uint8], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    total = float(weight.sum())
    return picture.astype(np.float32) - np.float32(float((picture * weight).sum()) / total if total else 0.0)


@lru_cache(maxsize=4)
def _window(height: int, width: int) -> NDArray[np.float32]:
    import cv2

    return np.asarray(cv2.createHanningWindow((width, height), cv2.CV_32F), np.float32)
