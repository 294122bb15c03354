"""One process after another: started, listened to, killed when it hangs, started again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from pipeline.daemon.restart_policy import RestartPolicy

if TYPE_CHECKING:
    from config.schema import Settings
    from pipeline.daemon.child import ChildProcess
    from pipeline.daemon.loop import EventLoop


class KeptAlive(ABC):
    """A child process that is to be there.

    Args:
        settings: of the site.
        loop: watches the line.

    Attributes:
        restarts: how often a process was started in place of one that had ended.
        policy: when it is started again.
    """

    def __init__(self, settings: Settings, loop: EventLoop) -> None:
        self._settings = settings
        self._loop = loop
        self._child: ChildProcess | None = None
        self._start_at_s: float | None = None
        self.restarts = 0
        self.policy = RestartPolicy(settings.supervisor)

    @property
    def pid(self) -> int | None:
        """Process id; None while there is no process."""
        return self._child.pid if self._child is not None else None

    @property
    def alive(self) -> bool:
        """Whether there is a process that runs."""
        return self._child is not None and self._child.exit_status is None

    def start(self) -> None:
        """Start a process."""
        self._start_at_s = None
        self._child = self._spawn()
        self._loop.watch(self._child.line.fileno(), self._receive)

    def tick(self, now_s: float) -> None:
        """Look after the process: kill it if it hangs, start it again if it is time."""
        if self._child is None:
            if self._start_at_s is not None and now_s >= self._start_at_s:
                self.restarts += 1
                self.start()
            return
        status = self._child.exit_status
        if status is not None:
            self._end(now_s, f"ended with status {status}")
        elif (reason := self._hangs(self._child, now_s)) is not None:
            self._end(now_s, f"was killed: {reason}")

    @abstractmethod
    def _spawn(self) -> ChildProcess:
        """A new process, with its orders."""

    @abstractmethod
    def _hangs(self, child: ChildProcess, now_s: float) -> str | None:
        """Why the process must be taken for dead; None if it need not."""

    @abstractmethod
    def _hear(self, message: Any) -> None:
        """What the process says."""

    @abstractmethod
    def _after(self, now_s: float, how: str) -> None:
        """The process is gone: tell, and start it again if it is still wanted."""

    def _end(self, now_s: float, how: str) -> None:
        self._let_go(polite=False)
        self._after(now_s, how)

    def _restart_later(self, now_s: float) -> float:
        """Start it again as the policy says; returns after how long."""
        self._start_at_s = self.policy.ended(now_s)
        return self._start_at_s - now_s

    def _let_go(self, *, polite: bool) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        self._loop.forget(child.line.fileno())
        if polite:
            child.ask_to_end()
        else:
            child.kill()
        child.close()

    def _receive(self) -> None:
        child = self._child
        if child is None:
            return
        try:
            message = child.line.recv()
        except (
            EOFError,
            OSError,
        ):  # it ended, or stopped in the middle of a word: the next tick finds it dead
            self._loop.forget(child.line.fileno())
            child.kill()
            return
        self._hear(message)
