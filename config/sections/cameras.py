"""Cameras of the site."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from config.sections.base import Section, UtcTime

CameraId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class CameraSettings(Section):
    """One camera, or the recording of one."""

    id: CameraId
    """Name of the camera: letters, digits, dot, dash and underscore."""
    source: str = Field(min_length=1)
    """Path of a recording or URL of a stream."""
    recorded_at: UtcTime | None = None
    """Time of the first frame, ISO 8601 with zone; from the file's own metadata when absent, else 1970-01-01."""
