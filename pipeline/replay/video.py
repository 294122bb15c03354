"""Writing H.264 in MP4, as browsers play it, and the same bytes for the same pictures."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Self, cast

import av
import av.error
import cv2
from av.bitstream import BitStreamFilterContext

from config.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    import numpy as np
    from av.packet import Packet
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

_TICKS_HZ = 90_000
"""Time base of the file: all usual frame rates are whole numbers of its ticks."""
_SMALLEST_SIDE_PX = 16
"""One macroblock; players refuse less."""
_THREADS = 2
"""Fixed: x264 gives other bytes for other numbers of threads."""
_CODEC_OPTIONS = {"preset": "veryfast", "crf": "24", "profile": "high", "flags": "+bitexact"}
_CONTAINER_OPTIONS = {"movflags": "faststart", "fflags": "+bitexact"}
_BT601 = 6
"""SMPTE 170M, ISO/IEC 23001-8 table 4: what cv2 converts to."""
_LIMITED_RANGE = 1


class VideoWriter:
    """An MP4 file under construction. Use as a context manager: the file is complete after a block that ended well.

    Pictures keep their own times, so a recording of variable rate stays one. Sides are padded to even numbers of
    pixels, as 4:2:0 needs; pictures of another size than the first are scaled to it. Neither the time of writing nor
    the encoder's name and settings go into the file.

    Args:
        path: file to write.
        size: (width, height) pixels of the first picture.
        rate_hz: nominal pictures a second, > 0.
        comment: put into the file's metadata; nothing if empty.

    Raises:
        OutputError: this build of PyAV has no H.264 encoder.
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path, size: tuple[int, int], rate_hz: Fraction, comment: str = "") -> None:
        if "libx264" not in av.codecs_available:
            raise OutputError(
                f"{path}: this PyAV has no libx264; replay with --no-video, or install PyAV's wheel"
            )
        self._size = size
        self._last_tick = -1
        with _as_os_error():
            self._out = av.open(str(path), "w", format="mp4", options=_CONTAINER_OPTIONS)
        if comment:
            self._out.metadata["comment"] = comment
        self._stream = self._add_stream(rate_hz)
        # x264 signs its work in a message (unit type 6) at the start of the stream.
        self._unsign = BitStreamFilterContext("filter_units=remove_types=6", self._stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            with suppress(OSError, av.error.FFmpegError):  # the error under way is the one to show
                self._out.close()
            return
        with _as_os_error():
            try:
                if self._last_tick >= 0:
                    self._mux(self._stream.encode())
                    self._mux([None])
            finally:
                self._out.close()

    def write(self, image: NDArray[np.uint8], time_s: float) -> None:
        """Append a picture.

        Args:
            image: (H, W, 3) uint8 BGR.
            time_s: when it is shown, seconds, later than the one before.

        Raises:
            OSError: the file cannot be written.
        """
        frame = av.VideoFrame.from_ndarray(self._planes(image), format="yuv420p")
        self._last_tick = max(self._last_tick + 1, round(time_s * _TICKS_HZ))
        frame.pts = self._last_tick
        frame.time_base = Fraction(1, _TICKS_HZ)
        with _as_os_error():
            self._mux(self._stream.encode(frame))

    def _add_stream(self, rate_hz: Fraction) -> VideoStream:
        stream = self._out.add_stream("libx264", rate=rate_hz, options=_CODEC_OPTIONS)
        stream.width, stream.height = (max(_SMALLEST_SIDE_PX, side + side % 2) for side in self._size)
        stream.pix_fmt = "yuv420p"
        codec = stream.codec_context
        codec.time_base = Fraction(1, _TICKS_HZ)
        codec.thread_count = _THREADS
        codec.colorspace = _BT601
        codec.color_range = _LIMITED_RANGE
        return stream

    def _planes(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(H * 3 / 2, W) planes Y, U and V of the padded picture."""
        if image.shape[1::-1] != self._size:
            image = cast("NDArray[np.uint8]", cv2.resize(image, self._size, interpolation=cv2.INTER_AREA))
        height, width = image.shape[:2]
        below, right = self._stream.height - height, self._stream.width - width
        if below or right:
            image = cast(
                "NDArray[np.uint8]",
                cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REPLICATE),
            )
        return cast("NDArray[np.uint8]", cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420))

    def _mux(self, packets: list[Packet[VideoStream]] | list[None]) -> None:
        for packet in packets:
            for unsigned in self._unsign.filter(packet):
                self._out.mux(unsigned)


@contextmanager
def _as_os_error() -> Iterator[None]:
    """FFmpeg has classes of its own for a few of the operating system's errors, and one that says nothing for the rest."""
    try:
        yield
    except av.error.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise OSError(error.errno, error.strerror) from error
