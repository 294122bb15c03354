"""Believing late: a state begins after lasting evidence for it, and ends after lasting evidence against it."""

from __future__ import annotations


class Hysteresis:
    """Evidence at irregular times becomes a state that does not flicker.

    What holds at two calls one after the other is taken to hold between them.

    Args:
        begin_after_s: the state begins once evidence has lasted so long.
        end_after_s: it ends once evidence has been absent for so long.

    Attributes:
        is_on: whether the state goes on.
    """

    def __init__(self, begin_after_s: float, end_after_s: float) -> None:
        self._begin_after_s = begin_after_s
        self._end_after_s = end_after_s
        self._opposed_since_s: float | None = None
        self.is_on = False

    def update(self, present: bool, now_s: float) -> float | None:  # noqa: FBT001
        """Take evidence into account.

        Args:
            present: whether there is evidence for the state now.
            now_s: seconds on a clock that never goes back.

        Returns:
            None if the state stays as it is; otherwise since when it has really been the other, at most ``now_s``.
        """
        if present == self.is_on:
            self._opposed_since_s = None
            return None
        since_s = self._opposed_since_s = now_s if self._opposed_since_s is None else self._opposed_since_s
        if now_s - since_s < (self._end_after_s if self.is_on else self._begin_after_s):
            return None
        self.is_on = present
        self._opposed_since_s = None
        return since_s

    def suspend(self) -> None:
        """What comes next does not follow on what was: lasting starts anew, the state stays."""
        self._opposed_since_s = None
