"""No more frames a second than asked for, evenly spread."""

from __future__ import annotations


class RateLimit:
    """Admits frames at a mean rate of at most ``rate_hz``.

    Args:
        rate_hz: frames a second, > 0; None admits all.
    """

    def __init__(self, rate_hz: float | None) -> None:
        self._period_s = 0.0 if rate_hz is None else 1 / rate_hz
        self._due_s = float("-inf")

    def admits(self, time_s: float) -> bool:
        """Whether the frame of this media time goes on; times rise from call to call."""
        if time_s < self._due_s:
            return False
        # A frame that comes late pays nothing back: after a pause the camera may not catch up in a burst.
        self._due_s = max(self._due_s + self._period_s, time_s)
        if self._due_s <= time_s:
            self._due_s = time_s + self._period_s
        return True
