"""Opening a camera, and its frames as they come."""

from __future__ import annotations

import gc
import stat
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import av
import av.error

from config.masking import masked
from config.sections.replay import ReplaySettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_PROBE_US = 500_000
"""FFmpeg looks at a live stream for so long before it says what it is; its own default is ten times as much.

Measured on a loopback RTSP camera of 10 frames/s: 0.5 s to the first frame instead of 2.7 s. What is not known by then, such as
the size of the picture, the decoder finds out."""
_RATES_HZ = (0.1, 1000.0)
_IMAGE_RATE_HZ = ReplaySettings().image_rate_hz


class CameraLost(Exception):
    """The camera cannot be opened, or gives no more frames. The message holds no credentials."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A frame as it came.

    Attributes:
        picture: decoded, in the camera's own pixel format.
        pts_s: the camera's time stamp, seconds; None where it gives none.
    """

    picture: VideoFrame
    pts_s: float | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A camera that answers.

    Attributes:
        rate_hz: frames a second that it states; None if it does not say.
        codec: name of the codec.
    """

    rate_hz: float | None
    codec: str


class Watcher(Protocol):
    """Told of what happens inside a stream."""

    def progress(self) -> None:
        """FFmpeg gave control back."""

    def damaged(self) -> None:
        """A packet could not be decoded."""


class CameraStream(Protocol):
    """A camera, or what stands in its place, while it is open."""

    @property
    def opened(self) -> Opened:
        """What it says about itself."""
        ...

    def frames(self) -> Iterator[Taken]:
        """Frames until there are no more.

        Raises:
            CameraLost: there is something wrong.
        """
        ...


class LiveStream:
    """One connection to a camera; decodes on one thread, without delay.

    Args:
        container: just opened.
        watcher: told of progress and damage.
    """

    def __init__(self, container: InputContainer, watcher: Watcher) -> None:
        self._container = container
        self._watcher = watcher
        if not container.streams.video:
            raise CameraLost("it gives no video")
        self._stream: VideoStream = container.streams.video[0]
        # Multipart MJPEG carries no times; FFmpeg would make some up from a rate that it guesses.
        self._stamped = container.format.name != "mpjpeg"
        self._stream.codec_context.thread_count = 1  # frame threads would hold frames back
        self._stream.codec_context.flags |= av.codec.context.Flags.low_delay

    @property
    def opened(self) -> Opened:
        """What the camera says about itself."""
        rate = self._stream.average_rate or self._stream.guessed_rate
        stated = float(rate) if rate is not None and _RATES_HZ[0] <= rate <= _RATES_HZ[1] else None
        return Opened(stated, self._stream.codec_context.name)

    def frames(self) -> Iterator[Taken]:
        """Frames until the camera ends the stream.

        Raises:
            CameraLost: nothing came for the read time-out, or the connection broke.
        """
        try:
            for packet in self._container.demux(self._stream):
                self._watcher.progress()
                try:
                    pictures = packet.decode()
                except av.error.FFmpegError:
                    self._watcher.damaged()
                    continue
                for picture in pictures:
                    yield Taken(picture, picture.time if self._stamped else None)
        except (av.error.FFmpegError, OSError) as error:
            raise CameraLost(f"the stream broke off: {_said(error)}") from error


@contextmanager
def open_stream(
    address: str,
    *,
    transport: str,
    open_timeout_s: float,
    read_timeout_s: float,
    watcher: Watcher,
    image_rate_hz: float = _IMAGE_RATE_HZ,
) -> Iterator[CameraStream]:
    """Connect to a stream or device, or open a recording or a folder of images.

    Raises:
        CameraLost: it cannot be had.
    """
    if is_recording(address) and Path(address).is_dir():
        from pipeline.capture.live.image_stream import ImageStream  # OpenCV, which streams do without

        yield ImageStream(address, image_rate_hz, watcher)
        return
    _refuse_absent(address)
    options, container_format = _options(address, transport)
    try:
        container = av.open(
            address,
            "r",
            format=container_format,
            options=options,
            timeout=(open_timeout_s, read_timeout_s),
            metadata_errors="replace",
        )
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise CameraLost(_said(error)) from error
    try:
        yield LiveStream(container, watcher)
    finally:
        container.close()
        # What FFmpeg holds for a stream lies in cycles of PyAV: left to itself, memory grew over some 250 streams by 13 MB.
        gc.collect()


def is_recording(address: str) -> bool:
    """Whether it is a file or folder that ends, in place of a camera that does not."""
    return "://" not in address and not address.startswith("/dev/")


def paced(frames: Iterator[Taken], sleep: Callable[[float], None]) -> Iterator[Taken]:
    """The frames of a recording at the times at which a camera would give them."""
    began_s: float | None = None
    for taken in frames:
        if taken.pts_s is not None:
            now_s = time.monotonic()
            if began_s is None:
                began_s = now_s - taken.pts_s
            if (ahead_s := began_s + taken.pts_s - now_s) > 0:
                sleep(ahead_s)
        yield taken


def _options(address: str, transport: str) -> tuple[dict[str, str], str | None]:
    quick = {"analyzeduration": str(_PROBE_US), "fpsprobesize": "0"}
    scheme = address.partition("://")[0].lower()
    if scheme in {"rtsp", "rtsps"}:
        return {**quick, "rtsp_transport": transport}, None
    if scheme in {"http", "https"}:
        return quick, None
    if address.startswith("/dev/"):
        return {}, "v4l2"
    return {}, None


def _refuse_absent(address: str) -> None:
    """FFmpeg's words for what is not there do not help."""
    if "://" in address:
        return
    try:
        status = Path(address).stat()
    except FileNotFoundError:
        what = "device: is the camera plugged in?" if address.startswith("/dev/") else "file or folder"
        raise CameraLost(f"there is no such {what}") from None
    except (OSError, ValueError):
        return  # FFmpeg tries, and says what it found
    if stat.S_ISREG(status.st_mode) and not status.st_size:
        raise CameraLost("the file is empty")


def _said(error: BaseException) -> str:
    if isinstance(error, av.error.ExitError):
        return "it gave nothing in time"  # FFmpeg was interrupted by its time-out, and says so in other words
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return masked(" ".join(str(reason).split()))
