"""The time of tracks: it stands still while nothing moves."""

from __future__ import annotations


class MovingTime:
    """Seconds in which something may have moved in front of a camera.

    Between two frames of a still scene everybody stays where they were, seen or not: tracks coast over it, and nobody is
    lost for having stood still.
    """

    def __init__(self) -> None:
        self._moving_s = 0.0
        self._before: tuple[float, float] | None = None

    def advance(self, time_s: float, still_s: float) -> float:
        """Moving time of a frame, not before that of the frame before.

        Args:
            time_s: its media time, later than that of the frame before.
            still_s: seconds in which nothing moved, since the reader was started; a reader that was started anew
                begins at 0.
        """
        if self._before is not None:
            before_s, still_before_s = self._before
            still_between_s = still_s - still_before_s if still_s >= still_before_s else still_s
            self._moving_s += max(0.0, time_s - before_s - still_between_s)
        self._before = time_s, still_s
        return self._moving_s
