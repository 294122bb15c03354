"""A folder of images as a recording: one image a frame, in natural order, at a rate of the operator's choosing."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from config.errors import InputEmpty, InputNotFound, NoFrames
from pipeline.capture.health import RecordingHealth
from pipeline.clock import EPOCH, media_time
from pipeline.frames import Frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

IMAGE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".jp2", ".png", ".tif", ".tiff", ".webp"})
"""Files of a folder that are taken for frames, whatever their case."""


class ImageFolder:
    """The images of one folder: a :class:`pipeline.capture.source.FootageSource`.

    Images are upright by their EXIF orientation. A file that does not decode is counted and takes its place in
    time, but not in the count of frames. The list of files is that of the moment of opening.

    Args:
        path: a folder; its subfolders are not looked into.
        camera_id: what the frames are named after.
        rate_hz: images a second, > 0.
        recorded_at: UTC time of the first frame; 1970-01-01 when None.

    Raises:
        InputNotFound: the folder may not be read.
        InputEmpty: it holds no image.
    """

    def __init__(
        self, path: Path, camera_id: str, rate_hz: float, recorded_at: datetime | None = None
    ) -> None:
        self.path = path
        self.camera_id = camera_id
        self.recorded_at = recorded_at or EPOCH
        self.nominal_rate_hz = Fraction(rate_hz).limit_denominator(1_000_000)
        self.health = RecordingHealth()
        try:
            names = [file for file in path.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES]
        except OSError as error:
            raise InputNotFound(
                f"{path} cannot be listed: {error.strerror}; check its permissions"
            ) from error
        if not names:
            raise InputEmpty(
                f"{path} holds no image ({', '.join(sorted(IMAGE_SUFFIXES))}); name the folder with the frames"
            )
        self._files = sorted(names, key=lambda file: natural_key(file.name))
        self.frames_expected = len(self._files)

    def close(self) -> None:
        """Nothing is held open."""

    def frames(self) -> Iterator[Frame]:
        """All images that decode, in natural order of their names.

        Raises:
            NoFrames: none does.
        """
        self.health = RecordingHealth()
        shape: tuple[int, ...] | None = None
        index = 0
        for position, file in enumerate(self._files):
            image = _read_image(file)
            if image is None:
                self.health = replace(self.health, damaged_packets=self.health.damaged_packets + 1)
                continue
            if shape is not None and shape != image.shape:
                self.health = replace(self.health, size_changes=self.health.size_changes + 1)
            shape = image.shape
            time_s = position / self.nominal_rate_hz
            yield Frame(self.camera_id, index, media_time(self.recorded_at, time_s), float(time_s), image)
            index += 1
        if index == 0:
            raise NoFrames(
                f"{self.path}: none of {len(self._files)} images could be decoded; check the files"
            )


def natural_key(name: str) -> tuple[tuple[int, str], ...]:
    """Sort key that puts ``frame9`` before ``frame10``; names that differ only in zeros keep a fixed order."""
    parts = [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", name)]
    return (*parts, (-1, name))


def _read_image(file: Path) -> NDArray[np.uint8] | None:
    """The (H, W, 3) BGR picture, or None if the file cannot be read or decoded."""
    try:
        encoded = np.fromfile(file, np.uint8)
    except OSError:
        return None
    if not encoded.size:
        return None
    try:
        return cast("NDArray[np.uint8] | None", cv2.imdecode(encoded, cv2.IMREAD_COLOR))
    except cv2.error:
        return None
