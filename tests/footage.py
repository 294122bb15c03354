"""Footage that tests make themselves: bright rectangles that walk over a dark ground, in whatever container and with
whatever damage a test needs.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from av.container import OutputContainer
    from av.video.stream import VideoStream
    from numpy.typing import NDArray
    from typing_extensions import Buffer

BODY = (16, 40)
"""Width and height in pixels of a walker."""


def scene(index: int, size: tuple[int, int] = (160, 120), walkers: int = 2) -> NDArray[np.uint8]:
    """Picture ``index`` of size (width, height): walkers cross it in rows of their own, two pixels a frame."""
    width, height = size
    image = np.full((height, width, 3), 20, np.uint8)
    for walker in range(walkers):
        x = (10 + 2 * index + 50 * walker) % max(1, width - BODY[0])
        y = 5 + walker * (BODY[1] + 10)
        image[y : y + BODY[1], x : x + BODY[0]] = 235
    return image


@dataclass(frozen=True)
class Footage:
    """What to write: how many frames, how large, how coded, shown when, and in which frames nobody is seen."""

    frames: int = 30
    size: tuple[int, int] = (160, 120)
    rate_hz: int = 10
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    container: str | None = None
    pts: Sequence[int] | None = None
    rotation_deg: float | None = None
    walkers: int = 2
    hidden: Collection[int] = ()
    codec_options: dict[str, str] = field(default_factory=lambda: {"g": "10", "bf": "0"})
    container_options: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """Write the footage to ``path``; its suffix chooses the container unless one is named."""
        with av.open(str(path), "w", format=self.container, options=self.container_options) as out:
            self.mux(out)
        return path

    def mux(self, out: OutputContainer) -> None:
        """Write the footage into an open container."""
        out.metadata.update(self.metadata)
        stream = cast(
            "VideoStream", out.add_stream(self.codec, rate=self.rate_hz, options=self.codec_options)
        )
        stream.width, stream.height = self.size
        stream.pix_fmt = self.pixel_format
        stream.codec_context.thread_count = 1
        if self.rotation_deg is not None:
            stream.set_display_rotation(self.rotation_deg)
        for frame in self._coded():
            out.mux(stream.encode(frame))
        out.mux(stream.encode())

    def _coded(self) -> Iterator[av.VideoFrame]:
        for index in range(self.frames):
            picture = scene(index, self.size, 0 if index in self.hidden else self.walkers)
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = index if self.pts is None else self.pts[index]
            frame.time_base = Fraction(1, self.rate_hz)
            yield frame


class _Pipe(io.RawIOBase):
    """Takes bytes and cannot go back, so that a muxer cannot fill in sizes at the end."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        self.content += bytes(data)
        return len(bytes(data))


def write_to_pipe(footage: Footage, path: Path) -> Path:
    """As Matroska, without sizes and length: what a recorder leaves that streams, or is killed."""
    pipe = _Pipe()
    with av.open(pipe, "w", format="matroska") as out:
        footage.mux(out)
    path.write_bytes(pipe.content)
    return path


def write_sound_only(path: Path) -> Path:
    """A second of silence."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=44_100)
        for _ in range(40):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 44_100
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def write_without_frames(path: Path) -> Path:
    """A container that announces a video stream, and ends."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        out.start_encoding()
    return path


def cut(source: Path, target: Path, share: float) -> Path:
    """Only the first part of the bytes."""
    data = source.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])
    return target


def damage(source: Path, target: Path, count: int = 300) -> Path:
    """The bytes in the middle inverted."""
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    for position in range(middle, middle + count):
        data[position] ^= 0xFF
    target.write_bytes(data)
    return target


def write_images(folder: Path, names: Sequence[str], size: tuple[int, int] = (160, 120)) -> Path:
    """Pictures of the walk, in the order of ``names``."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, name in enumerate(names):
        cv2.imwrite(str(folder / name), scene(index, size))
    return folder
