"""Media time: presentation time stamps give the time of a frame, whatever the container makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from config.errors import ConfigError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Time of the first frame of a recording that does not say when it was made."""

_LONGEST_STEP_S = Fraction(366 * 24 * 3600)
"""A step of more than a year between two frames of one recording is a broken time stamp, not a pause."""


@dataclass(frozen=True, slots=True)
class TimestampCounts:
    """What the clock had to repair.

    Attributes:
        missing: frames without a time stamp.
        jumped_back: frames whose time stamp was not later than that of the frame before.
        out_of_range: frames whose time stamp lay more than a year ahead.
    """

    missing: int = 0
    jumped_back: int = 0
    out_of_range: int = 0


class MediaClock:
    """Turns time stamps into seconds since the first frame that always rise.

    A frame without a usable time stamp comes one frame period after the frame before it. After a jump back (two
    recordings joined, a counter that wrapped) the time stamps that follow continue from there; a single frame
    out of order moves nothing but itself.

    Args:
        time_base_s: seconds a tick of the time stamps, > 0.
        period_s: nominal seconds from frame to frame, > 0.
    """

    def __init__(self, time_base_s: Fraction, period_s: Fraction) -> None:
        if time_base_s <= 0 or period_s <= 0:
            raise ValueError(
                f"time base and frame period must be above 0 s, are {time_base_s} and {period_s}"
            )
        self._time_base_s = time_base_s
        self._period_s = period_s
        self._offset_s: Fraction | None = None
        self._offset_after_jump_s: Fraction | None = None
        self._last_s: Fraction | None = None
        self._missing = 0
        self._jumped_back = 0
        self._out_of_range = 0

    @property
    def counts(self) -> TimestampCounts:
        """What had to be repaired so far."""
        return TimestampCounts(self._missing, self._jumped_back, self._out_of_range)

    def stamp(self, pts: int | None) -> Fraction:
        """Seconds of media time since the first frame, later than at the call before.

        Args:
            pts: presentation time stamp in ticks of the time base; None if the frame has none.
        """
        time_s = self._time_s(pts)
        self._last_s = time_s
        return time_s

    def _time_s(self, pts: int | None) -> Fraction:
        following_s = Fraction(0) if self._last_s is None else self._last_s + self._period_s
        if pts is None:
            self._missing += 1
            return following_s
        raw_s = pts * self._time_base_s
        if self._offset_s is None or self._last_s is None:
            self._offset_s = following_s - raw_s
            return following_s
        time_s = raw_s + self._offset_s
        if time_s <= self._last_s and self._offset_after_jump_s is not None:
            # The second frame in a row behind its time: the time stamps have a new origin.
            self._offset_s = self._offset_after_jump_s
            time_s = raw_s + self._offset_s
        self._offset_after_jump_s = None
        if time_s <= self._last_s:
            self._jumped_back += 1
            self._offset_after_jump_s = following_s - raw_s
            return following_s
        if time_s - self._last_s > _LONGEST_STEP_S:
            self._out_of_range += 1
            return following_s
        return time_s


def media_time(recorded_at: datetime, time_s: Fraction) -> datetime:
    """UTC time of a frame, to the microsecond.

    Args:
        recorded_at: time of the first frame, with a zone.
        time_s: seconds since then.
    """
    return recorded_at + timedelta(microseconds=round(time_s * 1_000_000))


def parse_recorded_at(text: str) -> datetime:
    """The UTC time that a user or a container states for the first frame.

    Args:
        text: ISO 8601 with a zone, such as ``2026-11-24T02:00:00Z``.

    Raises:
        ConfigError: not a time, or a time without a zone.
    """
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(
            f"{text!r} is not a time: write ISO 8601 with a zone, such as 2026-11-24T02:00:00Z"
        ) from None
    if time.utcoffset() is None:
        raise ConfigError(f"{text!r} has no time zone: add Z for UTC, or an offset such as +01:00")
    return time.astimezone(UTC)
