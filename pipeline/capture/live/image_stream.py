"""A folder of images in place of a camera."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import av

from config.errors import InputError
from pipeline.capture.image_folder import ImageFolder
from pipeline.capture.live.stream import CameraLost, Opened, Taken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.capture.live.stream import Watcher


class ImageStream:
    """The images of a folder as a camera would give them; the list of files is that of the moment of opening.

    Args:
        address: the folder.
        rate_hz: images a second.
        watcher: told of every image, and of those that cannot be decoded.

    Raises:
        CameraLost: there is no image.
    """

    def __init__(self, address: str, rate_hz: float, watcher: Watcher) -> None:
        try:
            self._folder = ImageFolder(Path(address), Path(address).name, rate_hz)
        except InputError as error:
            raise CameraLost(str(error)) from error
        self._watcher = watcher

    @property
    def opened(self) -> Opened:
        """What is known beforehand."""
        return Opened(float(self._folder.nominal_rate_hz), "images")

    def frames(self) -> Iterator[Taken]:
        """All images that decode, in natural order of their names.

        Raises:
            CameraLost: none does.
        """
        damaged = 0
        try:
            for frame in self._folder.frames():
                self._watcher.progress()
                for _ in range(self._folder.health.damaged_packets - damaged):
                    self._watcher.damaged()
                damaged = self._folder.health.damaged_packets
                yield Taken(av.VideoFrame.from_ndarray(frame.image, format="bgr24"), frame.time_s)
        except InputError as error:
            raise CameraLost(str(error)) from error
