"""UTC times for frames: the monotonic clock tells how time passes, the wall clock only what it is called."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_STEP_S = 0.5
"""The wall clock was set when it has moved by so much more or less than the monotonic one; slewing stays below."""


class WallAnchor:
    """Names moments of the monotonic clock by UTC times.

    Between steps of the wall clock two frames lie exactly as far apart in UTC as on the monotonic clock.

    Args:
        wall: the wall clock.
        monotonic: the monotonic clock, seconds.

    Attributes:
        steps: how often the wall clock was set.
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._zero = self._zero_now()
        self.steps = 0

    def utc(self, monotonic_s: float) -> datetime:
        """UTC time of a moment, to the microsecond."""
        return self._zero + timedelta(microseconds=round(monotonic_s * 1_000_000))

    def check(self) -> timedelta | None:
        """Follow the wall clock if it was set: by how much it was, or None."""
        zero = self._zero_now()
        moved = zero - self._zero
        if abs(moved.total_seconds()) < _STEP_S:
            return None
        self._zero = zero
        self.steps += 1
        return moved

    def _zero_now(self) -> datetime:
        return self._wall() - timedelta(seconds=self._monotonic())
