"""Cameras of the site."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from config.sections.base import Section, UtcTime

CameraId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]

Fraction = Annotated[float, Field(ge=0, le=1)]
Polygon = Annotated[tuple[tuple[Fraction, Fraction], ...], Field(min_length=3)]
"""Corners as (x, y), each a fraction of the width or height of the upright picture."""

_CREDENTIALS_IN_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]*://[^/]*@", re.IGNORECASE)


class CameraSettings(Section):
    """One camera, or the recording of one."""

    id: CameraId
    """Name of the camera: letters, digits, dot, dash and underscore."""
    source: str = Field(min_length=1)
    """Stream (rtsp://, http:// with MJPEG), device (/dev/video0), recording or folder of images; without user and password."""
    recorded_at: UtcTime | None = None
    """Time of the first frame, ISO 8601 with zone; from the file's own metadata when absent, else 1970-01-01."""
    substream: str | None = Field(default=None, min_length=1)
    """The camera's smaller stream, if it has one; `stream` says which of the two is read."""
    stream: Literal["main", "sub"] = "main"
    """main reads `source`, sub reads `substream`."""
    credentials: str | None = Field(default=None, pattern=r"^(env|file|systemd):.+$")
    """Where user:password comes from: env:VARIABLE, file:PATH or systemd:NAME, a credential that the unit loads."""
    transport: Literal["tcp", "udp"] = "tcp"
    """How RTSP carries the pictures: tcp loses none on a busy network, udp delays none."""
    max_rate_hz: float | None = Field(default=None, gt=0)
    """Frames beyond so many a second are dropped, evenly; absent for all that the camera gives."""
    max_height_px: int | None = Field(default=None, ge=32)
    """Higher pictures are made smaller, keeping their shape; absent for as large as they come."""
    privacy_masks: tuple[Polygon, ...] = ()
    """Areas that are made black before a picture is looked at: corners [x, y] as fractions of width and height."""
    motion_gate: bool = True
    """Look only now and then while the scene stands still (section motion_gate)."""
    playback: Literal["loop", "once", "fast"] = "loop"
    """Recordings in place of cameras, for trials: over and over, once, or once and as fast as frames are processed."""

    @field_validator("source", "substream")
    @classmethod
    def _no_credentials(cls, address: str | None) -> str | None:
        if address is not None and _CREDENTIALS_IN_ADDRESS.match(address):
            raise PydanticCustomError(
                "credentials_in_address",
                "Input should hold no user and password: put user:password elsewhere and set credentials to "
                "env:VARIABLE, file:PATH or systemd:NAME",
            )
        return address

    @field_validator("stream")
    @classmethod
    def _substream_is_set(cls, stream: str, info: object) -> str:
        data = getattr(info, "data", {})
        if stream == "sub" and data.get("substream") is None:
            raise PydanticCustomError("substream_missing", "Input should be main, or set substream too")
        return stream

    @property
    def address(self) -> str:
        """What is to be read, as `stream` says."""
        return self.substream if self.stream == "sub" and self.substream is not None else self.source
