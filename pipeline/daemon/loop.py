"""The daemon's one thread of work: it sleeps until something can be read, and wakes for what is due."""

from __future__ import annotations

import selectors
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class EventLoop:
    """Calls back when file descriptors can be read. Use from one thread."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def watch(self, fd: int, callback: Callable[[], None]) -> None:
        """Call back whenever ``fd`` can be read, until it is forgotten."""
        self._selector.register(fd, selectors.EVENT_READ, callback)

    def forget(self, fd: int) -> None:
        """Call back no more; harmless for one that is not watched."""
        if fd in self._selector.get_map():
            self._selector.unregister(fd)

    def run_once(self, timeout_s: float) -> None:
        """Wait for something to read, at most ``timeout_s``, and call back for all that can be read."""
        for key, _ in self._selector.select(max(0.0, timeout_s)):
            if key.fd in self._selector.get_map():  # an earlier callback may have closed it
                key.data()

    def close(self) -> None:
        """Let go of the selector; the file descriptors are others' business."""
        self._selector.close()
