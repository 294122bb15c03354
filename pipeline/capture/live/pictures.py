"""From a decoded frame to what leaves the reader: grey for the motion gate, upright BGR for everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from av.video.reformatter import VideoReformatter

from pipeline.capture.orientation import Orientation, orientation_of

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

_GREY_PLANE_FIRST = (
    "yuv420p",
    "yuvj420p",
    "yuv422p",
    "yuvj422p",
    "yuv444p",
    "yuvj444p",
    "nv12",
    "nv21",
    "gray",
)
"""Pixel formats whose first plane is the 8-bit grey picture."""


class PictureConverter:
    """Converts the frames of one stream; one scaling context for all of them.

    Args:
        max_height_px: higher pictures are made smaller; None for none.
    """

    def __init__(self, max_height_px: int | None) -> None:
        self._max_height_px = max_height_px
        self._to_bgr = VideoReformatter()
        self._to_grey = VideoReformatter()
        self._orientation: tuple[tuple[int, int], Orientation] | None = None

    def size(self, frame: VideoFrame) -> tuple[int, int]:
        """(height, width) of the picture as it leaves the reader: upright, and made smaller."""
        height, width = self._scaled(frame)
        return (width, height) if self._laid(frame).transpose else (height, width)

    def grey(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The upright grey picture, (H, W) uint8, in full size; may look into the frame's own memory."""
        orientation = self._laid(frame)
        if frame.format.name not in _GREY_PLANE_FIRST:
            frame = self._to_grey.reformat(frame, format="gray", threads=1)
        plane = _plane(frame, frame.width)
        return plane if orientation == Orientation() else orientation.apply(plane)

    def write_bgr(self, frame: VideoFrame, out: NDArray[np.uint8]) -> None:
        """The upright BGR picture, made smaller, into ``out``, (H, W, 3) uint8 of :meth:`size`."""
        height, width = self._scaled(frame)
        converted = self._to_bgr.reformat(frame, width, height, "bgr24", threads=1)
        picture = _plane(converted, width * 3).reshape(height, width, 3)
        orientation = self._laid(frame)
        np.copyto(out, picture if orientation == Orientation() else orientation.apply(picture))

    def _laid(self, frame: VideoFrame) -> Orientation:
        """How the camera lies, asked anew when the size changes.

        Asking a frame ties it into a cycle of references with its side data (PyAV 18), so that its memory comes back only when
        Python's collector finds it: asked of every frame, memory doubled within minutes.
        """
        size = (frame.width, frame.height)
        if self._orientation is None or self._orientation[0] != size:
            self._orientation = size, orientation_of(frame)
        return self._orientation[1]

    def _scaled(self, frame: VideoFrame) -> tuple[int, int]:
        """Size before it is laid upright."""
        height, width = frame.height, frame.width
        upright_height = width if self._laid(frame).transpose else height
        if self._max_height_px is None or upright_height <= self._max_height_px:
            return height, width
        factor = self._max_height_px / upright_height
        return max(1, round(height * factor)), max(1, round(width * factor))


def _plane(frame: VideoFrame, row_bytes: int) -> NDArray[np.uint8]:
    """(H, row_bytes) uint8 of the first plane, without the padding of its rows."""
    plane = frame.planes[0]
    rows = np.frombuffer(cast("memoryview", memoryview(plane)), np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, :row_bytes]
