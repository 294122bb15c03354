"""Stopping a replay by hand: at the next frame, so that nothing is left half done."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from config.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """Whether the operator wants to stop; asked between frames, where stopping leaves everything whole."""

    def __init__(self) -> None:
        self._requested = threading.Event()

    @property
    def requested(self) -> bool:
        """Whether the operator wants to stop."""
        return self._requested.is_set()

    def request(self) -> None:
        """Stop at the next occasion."""
        self._requested.set()

    def check(self) -> None:
        """Go on, or not.

        Raises:
            Interrupted: the operator wants to stop.
        """
        if self.requested:
            raise Interrupted("interrupted before the end of the footage; what was seen until then was kept")


@contextmanager
def stopping_on_signals() -> Iterator[StopRequest]:
    """Ctrl-C and SIGTERM request a stop; a second one raises KeyboardInterrupt, a third ends the process at once.

    The second is for operators who do not want to wait for the results: it cleans up and writes nothing more. The third
    is for a process that hangs where Python is not asked. Outside the main thread, where Python allows no handlers,
    nothing is caught.
    """
    stop = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def requested(number: int, frame: FrameType | None) -> None:
        del number, frame
        if stop.requested:
            for each in _SIGNALS:
                signal.signal(each, signal.SIG_DFL)
            raise KeyboardInterrupt
        stop.request()

    for number in _SIGNALS:
        signal.signal(number, requested)
    try:
        yield stop
    finally:
        restore()
