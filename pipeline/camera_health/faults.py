"""What can be wrong with a camera, and from when to when it was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class CameraFault(StrEnum):
    """One kind of trouble with a camera."""

    OFFLINE = "offline"
    """It cannot be opened, or gives nothing."""
    FROZEN = "frozen"
    """It gives the same picture again and again."""
    COVERED = "covered"
    """Its picture is black or of one grey."""
    OUT_OF_FOCUS = "out_of_focus"
    """Its picture lacks the detail that it usually shows: focus, fog, a dirty or sprayed lens."""
    MOVED = "moved"
    """It looks elsewhere, or something new hides the view."""
    LOW_RATE = "low_rate"
    """It gives fewer frames than it should."""
    CLOCK_SKEW = "clock_skew"
    """Its time stamps and this machine's clock have drifted apart."""


@dataclass(frozen=True, slots=True)
class CameraEvent:
    """A fault that began, or one that ended.

    Attributes:
        camera_id: whose fault it is.
        fault: its kind.
        began_at: UTC, when it was first seen, which is before it was told.
        ended_at: UTC, when it was first seen gone; None while it goes on.
        detail: what was found when it was told, for people.
    """

    camera_id: str
    fault: CameraFault
    began_at: datetime
    ended_at: datetime | None
    detail: str
