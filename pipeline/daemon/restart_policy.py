"""When a process that ended is started again: at once, later, or seldom."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.sections.supervisor import SupervisorSettings

_FIRST_S = 0.1
"""A process that fails at its start must not keep a core busy with starting it."""
_LONGEST_S = 1.6
"""Whoever is not degraded is back soon."""


@dataclass(slots=True)
class RestartPolicy:
    """Restarts of one process, within a window that moves with the time.

    Attributes:
        settings: how many are too many.
    """

    settings: SupervisorSettings
    _ended_s: deque[float] = field(default_factory=deque)

    def ended(self, now_s: float) -> float:
        """The process ended: when to start it again, monotonic seconds.

        The waits double from restart to restart within the window, up to a bound; after too many the process is degraded.
        """
        self._forget(now_s)
        self._ended_s.append(now_s)
        if self.degraded:
            return now_s + self.settings.degraded_retry_s
        return now_s + min(_FIRST_S * 2.0 ** (len(self._ended_s) - 1), _LONGEST_S)

    def is_degraded(self, now_s: float) -> bool:
        """Whether it fails too often, as of now."""
        self._forget(now_s)
        return self.degraded

    @property
    def degraded(self) -> bool:
        """Whether it fails too often, as of the last word."""
        return len(self._ended_s) > self.settings.max_restarts

    def _forget(self, now_s: float) -> None:
        while self._ended_s and self._ended_s[0] <= now_s - self.settings.restart_window_s:
            self._ended_s.popleft()
