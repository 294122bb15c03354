"""Readers of live cameras: one process each."""

from __future__ import annotations

from pydantic import Field

from config.sections.base import Section


class CaptureSettings(Section):
    """How cameras are opened, watched and opened again."""

    open_timeout_s: float = Field(default=10.0, gt=0)
    """A camera that is not open after so long is tried again later."""
    read_timeout_s: float = Field(default=5.0, gt=0)
    """A camera that gives nothing for so long is opened anew."""
    heartbeat_timeout_s: float = Field(default=2.0, gt=0)
    """A reader process that gives no sign of life for so long is killed and started again."""
    reconnect_first_s: float = Field(default=0.5, gt=0)
    """A camera that was lost is tried again after about so long, then twice as long each time it fails."""
    reconnect_longest_s: float = Field(default=30.0, gt=0)
    """But never after more than so long."""
    reconnect_jitter: float = Field(default=0.2, ge=0, le=1)
    """Waits vary by this fraction at random, so that the cameras of a switch do not come back all at once."""
    queue_frames: int = Field(default=3, ge=1, le=64)
    """So many frames of a camera may wait to be looked at; when one more comes, the oldest is dropped."""
    pts_jump_s: float = Field(default=2.0, gt=0)
    """Time stamps that move so much more or less than the clock do not belong together: time goes on from the arrival."""
