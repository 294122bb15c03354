"""From what the operator named to something that gives frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.capture.image_folder import ImageFolder
from pipeline.capture.recording import VideoRecording

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pipeline.capture.source import FootageSource


def open_footage(
    path: Path, camera_id: str, *, image_rate_hz: float, recorded_at: datetime | None = None
) -> FootageSource:
    """A folder of images or a video file, checked and ready to be read.

    Args:
        path: file or folder.
        camera_id: what the frames are named after.
        image_rate_hz: images a second of a folder.
        recorded_at: UTC time of the first frame; as the file says, or 1970-01-01, when None.

    Raises:
        InputError: see :class:`VideoRecording` and :class:`ImageFolder`.
    """
    if path.is_dir():
        return ImageFolder(path, camera_id, image_rate_hz, recorded_at)
    return VideoRecording(path, camera_id, recorded_at)
