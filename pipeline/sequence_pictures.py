"""The pictures of a MOTChallenge sequence, where it has any: a folder of images or a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import MalformedInput
from pipeline.capture.opening import open_footage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.capture.source import FootageSource

IMAGES = "img1"
"""Where MOTChallenge keeps the images of a sequence."""
VIDEO_SUFFIXES = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ts", ".webm"})
"""Files of a sequence's folder that are taken for its video, whatever their case."""


class SequencePictures:
    """Pictures by number of the frame, in one pass. Use as a context manager: leaving it lets go of the files.

    Picture n of an image folder is the n-th file in natural order; one that does not decode is missing. Picture n
    of a video is its n-th frame.

    Args:
        folder: of the sequence: ``img1/``, else one video beside ``det/``; with neither there are no pictures.
        rate_hz: frames a second of the sequence.

    Attributes:
        given: how many pictures were given so far.

    Raises:
        MalformedInput: several videos.
        InputError: the images or the video cannot be opened.
    """

    def __init__(self, folder: Path, rate_hz: float) -> None:
        path = _find(folder)
        self.given = 0
        self._rate_hz = rate_hz
        self._footage = None if path is None else open_footage(path, folder.name, image_rate_hz=rate_hz)
        self._numbered = iter(()) if self._footage is None else _numbered(self._footage, rate_hz)
        self._next: tuple[int, NDArray[np.uint8]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._footage is not None:
            self._footage.close()

    def of(self, frame: int) -> NDArray[np.uint8] | None:
        """The picture of a 1-based frame; frames must be asked in order.

        Raises:
            InputError: reading fails.
        """
        while self._next is None or self._next[0] < frame:
            self._next = next(self._numbered, None)
            if self._next is None:
                return None
        if self._next[0] > frame:
            return None
        self.given += 1
        return self._next[1]


def _find(folder: Path) -> Path | None:
    images = folder / IMAGES
    if images.is_dir():
        return images
    videos = sorted(file for file in folder.iterdir() if file.suffix.lower() in VIDEO_SUFFIXES)
    if len(videos) > 1:
        raise MalformedInput(
            f"{folder} holds several videos, {', '.join(file.name for file in videos)}; leave the one of its frames"
        )
    return videos[0] if videos else None


def _numbered(footage: FootageSource, rate_hz: float) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    of_images = footage.path.is_dir()
    for frame in footage.frames():
        # an image that does not decode keeps its place in time, so the time knows the number of the others
        yield (round(frame.time_s * rate_hz) if of_images else frame.index) + 1, frame.image
