"""Work that may wait long for somebody else, done by a thread that the end of the process does not wait for."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")


def in_background(work: Callable[[], _Result], name: str) -> Future[_Result]:
    """Begin some work; its result, or what it raised, comes with the future.

    A pool's threads would be waited for when the process ends, for as long as a database keeps them waiting.

    Args:
        work: what is to be done.
        name: of the thread.
    """
    promised: Future[_Result] = Future()

    def run() -> None:
        try:
            promised.set_result(work())
        except BaseException as error:  # noqa: BLE001 - edge of the thread: whoever asks for the result is told
            promised.set_exception(error)

    Thread(target=run, name=name, daemon=True).start()
    return promised
