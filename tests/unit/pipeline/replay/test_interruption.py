"""Stopping between frames."""

from __future__ import annotations

import signal
import threading

import pytest

from config.errors import Interrupted
from pipeline.replay.interruption import stopping_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_at_the_next_occasion(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stopping_on_signals() as stop:
        stop.check()
        signal.raise_signal(number)
        assert stop.requested
        with pytest.raises(Interrupted, match="what was seen until then was kept"):
            stop.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_DFL  # a third one ends the process, whatever hangs
    assert signal.getsignal(number) is before


def test_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="other"), stopping_on_signals():
        raise ValueError("other")
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_catch_nothing() -> None:
    """Only the main thread may set handlers; elsewhere the request is there, and nothing is caught."""
    before = signal.getsignal(signal.SIGINT)
    handlers: list[object] = []

    def run() -> None:
        with stopping_on_signals() as stop:
            handlers.append(signal.getsignal(signal.SIGINT))
            stop.request()
            with pytest.raises(Interrupted):
                stop.check()
            handlers.append("stopped")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert handlers == [before, "stopped"]
