"""Privacy masks: areas of a camera's picture that nobody may see, neither a person nor a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from config.sections.cameras import Polygon

_MARGIN_PX = 4
"""Colours of a masked area reach so far out of it when FFmpeg makes the picture smaller and turns it into BGR.

Measured: at most 3 pixels of the smaller picture (nv12), 2 for yuv420p and yuv422p, over nine factors from 0.22 to 1: the
taps of the scaling filter, and colours that are stored once for 2x2 pixels.
"""
_REDUCED_MARGIN_PX = 1
"""Reduction by area carries nothing beyond the pixel that the area touches; one more for rounding."""
_FRACTION_BITS = 8
"""Corners are placed to 1/256 of a pixel."""


class PrivacyMask:
    """Makes areas black, rather too much than too little: every pixel that an area touches, and a few around it.

    An outline that crosses or touches itself is masked as its convex hull: corners in the wrong order leave no hole.
    Two areas of 700 x 500 pixels in a 1080p picture cost about 0.2 ms.

    Args:
        polygons: corners (x, y) of each area as fractions of the width and height of the upright picture.
        height: of the pictures, pixels.
        width: of the pictures, pixels.
    """

    def __init__(self, polygons: Sequence[Polygon], height: int, width: int) -> None:
        self._outlines = [_outline(np.asarray(polygon, np.float64)) for polygon in polygons]
        self._shape = (height, width)
        self._areas = [_area(outline, height, width, _MARGIN_PX, 3) for outline in self._outlines]
        self._reduced: dict[tuple[int, ...], list[_Area]] = {}

    @property
    def hides(self) -> bool:
        """Whether there is any area."""
        return bool(self._outlines)

    def apply(self, image: NDArray[np.uint8]) -> None:
        """Make the areas black in place.

        Args:
            image: (H, W, 3) uint8 BGR of the mask's height and width; upright, and made smaller if it ever is.

        Raises:
            ValueError: the picture has another shape: nothing may leave unmasked.
        """
        if image.shape != (*self._shape, 3):
            raise ValueError(f"mask for {(*self._shape, 3)}, picture of shape {image.shape}")
        for area in self._areas:
            area.blacken(image)

    def apply_luma(self, luma: NDArray[np.uint8]) -> None:
        """Make the areas black in place in a grey picture of any size.

        Args:
            luma: (h, w) uint8, the upright picture, as large as it came or reduced by area.
        """
        areas = self._reduced.get(luma.shape)
        if areas is None:
            height, width = luma.shape
            areas = [_area(outline, height, width, _REDUCED_MARGIN_PX, 1) for outline in self._outlines]
            self._reduced[luma.shape] = areas
        for area in areas:
            area.blacken(luma[:, :, None])


@dataclass(frozen=True, slots=True)
class _Area:
    """Rows and columns that an area lies in, and the bits that stay there: 0 for masked, 255 for seen."""

    rows: slice
    columns: slice
    keep: NDArray[
        np.uint8
    ]  # (rows, columns, channels), because numpy is slow where it must repeat the last axis

    def blacken(self, image: NDArray[np.uint8]) -> None:
        seen = image[self.rows, self.columns]
        np.bitwise_and(seen, self.keep, out=seen)


def _area(outline: NDArray[np.float64], height: int, width: int, margin_px: int, channels: int) -> _Area:
    import cv2

    # One more than the margin: filling may leave out pixels at the edge of which the outline touches only a part.
    reach = margin_px + 1
    # Filled on a larger canvas: what OpenCV cuts at the edge of a picture comes out up to two pixels beside its place.
    canvas = np.zeros((height + 2 * reach, width + 2 * reach), np.uint8)
    # Filling takes whole numbers for the centres of pixels; here they are their edges.
    corners = np.round((outline * (width, height) - 0.5 + reach) * 2**_FRACTION_BITS).astype(np.int32)
    cv2.fillPoly(canvas, [corners], color=255, shift=_FRACTION_BITS)
    widened = np.asarray(cv2.dilate(canvas, np.ones((2 * reach + 1,) * 2, np.uint8)), np.uint8)
    masked = widened[reach : reach + height, reach : reach + width]
    x, y, w, h = cv2.boundingRect(masked)
    rows, columns = slice(y, y + h), slice(x, x + w)
    keep = np.repeat(~masked[rows, columns, None], channels, axis=2)
    return _Area(rows, columns, np.ascontiguousarray(keep))


def _outline(polygon: NDArray[np.float64]) -> NDArray[np.float64]:
    """The polygon (C, 2) itself, or its convex hull where two of its sides meet that are not neighbours."""
    import cv2

    repeated = (polygon == np.roll(polygon, 1, axis=0)).all(axis=1)
    corners: NDArray[np.float64] = polygon[~repeated]
    if _is_simple(corners):
        return corners
    return np.asarray(cv2.convexHull(polygon.astype(np.float32)), np.float64).reshape(-1, 2)


def _is_simple(corners: NDArray[np.float64]) -> bool:
    count = len(corners)
    sides = [(corners[i], corners[(i + 1) % count]) for i in range(count)]
    apart = ((i, j) for i in range(count) for j in range(i + 2, count) if (j + 1) % count != i)
    return count >= 3 and not any(_meet(*sides[i], *sides[j]) for i, j in apart)


def _meet(
    a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64], d: NDArray[np.float64]
) -> bool:
    """Whether the sides ab and cd have a point in common; those in one line count where their boxes overlap."""
    apart = bool((np.maximum(a, b) < np.minimum(c, d)).any() or (np.maximum(c, d) < np.minimum(a, b)).any())
    return not apart and _turn(a, b, c) * _turn(a, b, d) <= 0 and _turn(c, d, a) * _turn(c, d, b) <= 0


def _turn(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> float:
    """Positive where a, b, c turn left, negative where right, 0 on a line."""
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
