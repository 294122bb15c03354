"""Where a camera looks, compared with where it looked before: the background's place, and whether it is there at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
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


class ComparedPicture:
    """A small picture that is compared with several others: what that needs of it alone is worked out once.

    Args:
        luma: (h, w) uint8, not to be changed any more; masked areas are black, here and in those that it is compared with.
    """

    def __init__(self, luma: NDArray[np.uint8]) -> None:
        self.luma = luma

    @cached_property
    def is_seen(self) -> bool:
        """Whether no point is black."""
        return bool(self.luma.all())

    @cached_property
    def contours(self) -> NDArray[np.float32]:
        """Their strength, (h, w)."""
        import cv2

        across, down = cv2.Sobel(self.luma, cv2.CV_32F, 1, 0), cv2.Sobel(self.luma, cv2.CV_32F, 0, 1)
        return np.asarray(cv2.magnitude(across, down), np.float32)

    @cached_property
    def relief(self) -> NDArray[np.float32]:
        """The strength of its contours from their mean, (h * w,)."""
        relief: NDArray[np.float32] = self.contours - self.contours.mean()
        return relief.ravel()

    @cached_property
    def tapered(self) -> NDArray[np.float32]:
        """What phase correlation takes, (h, w)."""
        return _tapered(self.luma, _window(*self.luma.shape))


def displacement(
    reference: ComparedPicture, now: ComparedPicture, before: ComparedPicture | None
) -> Displacement:
    """Compare a picture with the reference of its background, and with the one before; all of one size.

    Reference:
        Kuglin and Hines 1975 (phase correlation).
    """
    import cv2

    (dx, dy), peak = cv2.phaseCorrelate(*_tapered_pair(reference, now))
    width = now.luma.shape[1]
    return Displacement(
        dx=dx / width,
        dy=dy / width,
        confidence=peak,
        likeness=likeness(reference, now),
        steadiness=None if before is None else likeness(before, now),
    )


def likeness(first: ComparedPicture, second: ComparedPicture) -> float:
    """Correlation of the strength of contours in two pictures, -1 to 1; 0 where there are none."""
    if first.is_seen and second.is_seen:
        a, b = first.relief, second.relief
    else:
        seen = _seen(first.luma, second.luma)
        a, b = _deviations(first.contours, seen), _deviations(second.contours, seen)
    length = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / length if length else 0.0


def _tapered_pair(
    first: ComparedPicture, second: ComparedPicture
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    import cv2

    if first.is_seen and second.is_seen:
        return first.tapered, second.tapered
    seen = _seen(first.luma, second.luma).astype(np.float32)
    weight = cv2.blur(seen, (_TAPER_PX, _TAPER_PX)) * _window(*seen.shape)
    return _tapered(first.luma, weight), _tapered(second.luma, weight)


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


def _tapered(picture: NDArray[np.uint8], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """From the weighted mean (h, w), and weighted."""
    total = float(weight.sum())
    mean = float((picture * weight).sum()) / total if total else 0.0
    return (picture - np.float32(mean)) * weight


@lru_cache(maxsize=4)
def _window(height: int, width: int) -> NDArray[np.float32]:
    import cv2

    return np.asarray(cv2.createHanningWindow((width, height), cv2.CV_32F), np.float32)
