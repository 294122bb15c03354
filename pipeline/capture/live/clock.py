"""Media time of a live camera: its own time stamps, held against the machine's monotonic clock."""

from __future__ import annotations

_STEP_S = 1e-6
"""Two frames of a camera are never at one time: the database tells them apart by it, to the microsecond."""


class LiveClock:
    """Turns time stamps into monotonic time that always rises.

    The camera's time stamps give the distances between frames, free of the network's jitter; the arrival of the first
    gives the place in time. Where the two have come apart by more than ``jump_s`` (a camera that restarted, a counter that
    wrapped, a recording that begins again) the time stamps get a new place.

    Args:
        jump_s: seconds that time stamps may run ahead of or behind the arrival.

    Attributes:
        jumps: how often the time stamps got a new place because they jumped.
    """

    def __init__(self, jump_s: float) -> None:
        self._jump_s = jump_s
        self._offset_s: float | None = None
        self._ahead_s = 0.0
        self._drifted_s = 0.0
        self._last_s = float("-inf")
        self.jumps = 0

    def stamp(self, pts_s: float | None, arrived_s: float) -> float:
        """Monotonic media time of a frame, later than at the call before.

        Args:
            pts_s: the camera's time stamp, seconds; None where it gives none: then the arrival counts.
            arrived_s: monotonic time of arrival.
        """
        time_s = arrived_s if pts_s is None else self._placed(pts_s, arrived_s)
        self._last_s = max(time_s, self._last_s + _STEP_S)
        return self._last_s

    @property
    def skew_s(self) -> float:
        """How far the camera's clock has run ahead of this machine's since it was opened; negative for behind.

        What came little by little, as between clocks of different speed, adds up; jumps do not count.
        """
        return self._drifted_s + self._ahead_s

    def new_connection(self) -> None:
        """The time stamps that follow have nothing to do with those before; this is no jump."""
        self._offset_s = None
        self._ahead_s = self._drifted_s = 0.0

    def _placed(self, pts_s: float, arrived_s: float) -> float:
        if self._offset_s is None:
            self._offset_s = arrived_s - pts_s
        before_s, self._ahead_s = self._ahead_s, pts_s + self._offset_s - arrived_s
        if abs(self._ahead_s) > self._jump_s:
            if abs(self._ahead_s - before_s) > self._jump_s / 2:
                self.jumps += 1
            else:
                self._drifted_s += self._ahead_s
            self._offset_s, self._ahead_s = arrived_s - pts_s, 0.0
        return pts_s + self._offset_s
