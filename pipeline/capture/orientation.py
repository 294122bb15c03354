"""Upright pictures: cameras that were mounted or held sideways say so in a display matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, cast

import numpy as np
from av.sidedata.sidedata import Type as SideDataType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from av.buffer import Buffer
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Orientation:
    """One of the eight ways to lay a rectangle: swap the axes first, then mirror.

    Attributes:
        transpose: columns become rows.
        flip_x: left and right change places.
        flip_y: top and bottom change places.
    """

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    @classmethod
    def from_display_matrix(cls, matrix: NDArray[np.int32]) -> Self:
        """The nearest of the eight to a display matrix.

        Args:
            matrix: (9,) int32, rows ``a b u``, ``c d v``, ``x y w``: a pixel at (p, q) is shown at
                (a p + c q, b p + d q), the second axis pointing down.

        Reference:
            ISO/IEC 14496-12, 8.3.2 (track header, matrix).
        """
        a, b, c, d = (int(matrix[i]) for i in (0, 1, 3, 4))
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(transpose=True, flip_x=c < 0, flip_y=b < 0)
        return cls(flip_x=a < 0, flip_y=d < 0)

    def apply(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The (H, W, ...) picture as it is meant to be seen, contiguous in memory; (W, H, ...) if transposed."""
        if self == Orientation():
            return image
        if self.transpose:
            image = image.swapaxes(0, 1)
        if self.flip_x:
            image = image[:, ::-1]
        if self.flip_y:
            image = image[::-1]
        return np.ascontiguousarray(image)


def orientation_of(frame: VideoFrame) -> Orientation:
    """How to lay a decoded frame; as it is where it does not say."""
    side_data = cast("Mapping[SideDataType, Buffer]", frame.side_data)  # PyAV's annotation knows names only
    try:
        matrix = side_data[SideDataType.DISPLAYMATRIX]
    except KeyError:
        return Orientation()
    return Orientation.from_display_matrix(np.frombuffer(bytes(matrix), np.int32))
