"""Processes of the daemon: started, watched, restarted."""

from __future__ import annotations

from pydantic import Field

from config.sections.base import Section


class SupervisorSettings(Section):
    """How often a process may fail, and how long stopping may take."""

    max_restarts: int = Field(default=5, ge=0)
    """A process that had to be restarted more often than this within restart_window_s is degraded: tried only seldom."""
    restart_window_s: float = Field(default=60.0, gt=0)
    """Restarts that lie further back are forgotten."""
    degraded_retry_s: float = Field(default=60.0, gt=0)
    """A degraded process is tried again after so long."""
    worker_timeout_s: float = Field(default=30.0, gt=0)
    """A device worker that has not answered a batch for so long is killed and started again."""
    worker_start_timeout_s: float = Field(default=300.0, gt=0)
    """A device worker may take so long to load its network; the first time it is converted."""
    drain_timeout_s: float = Field(default=8.0, gt=0)
    """Stopping waits so long for frames under way and rows that are not committed yet."""
    start_grace_s: float = Field(default=15.0, gt=0)
    """The daemon reports ready when every camera is open, or after so long with those that are."""
