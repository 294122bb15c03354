"""Decoding in a thread of its own, a few frames ahead of the stages, under a watchdog."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Self

from config.errors import DecoderStalled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from pipeline.accounting import FrameAccounting
    from pipeline.capture.source import FootageSource
    from pipeline.frames import Frame

_POLL_S = 0.1
"""How often a decoder that waits for room, or a reader that waits for a frame, looks whether it should stop."""
_JOIN_S = 5.0
"""How long closing waits for the decoder to notice; it is a daemon thread, so a hung one ends with the process."""


class _End:
    """The last thing in the queue: no more frames, and why."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class DecodingThread:
    """Iterates over the frames of a recording that a thread decodes ahead; no frame is ever dropped.

    Use as a context manager: leaving it stops the decoder.

    Args:
        footage: what to read, once.
        timeout_s: a decoder that gives no frame for so long is taken for dead.
        ahead: how many decoded frames may wait; bounds memory.
        accounting: told of every frame that is captured.
        check: called again and again while waiting for a frame; what it raises ends the wait.

    Attributes:
        busy_s: seconds that decoding took, waiting for room not counted.
    """

    def __init__(
        self,
        footage: FootageSource,
        *,
        timeout_s: float,
        ahead: int = 4,
        accounting: FrameAccounting | None = None,
        check: Callable[[], object] = lambda: None,
    ) -> None:
        self._footage = footage
        self._timeout_s = timeout_s
        self._accounting = accounting
        self._check = check
        self._queue: queue.Queue[Frame | _End] = queue.Queue(maxsize=ahead)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._decode, name=f"decode {footage.camera_id}", daemon=True)
        self.busy_s = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join(_JOIN_S)

    def __iter__(self) -> Iterator[Frame]:
        """Frames in order.

        Raises:
            DecoderStalled: none came for ``timeout_s``.
            InputError: what the recording raised.
        """
        while True:
            item = self._next()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item

    def _next(self) -> Frame | _End:
        given_up_at = time.monotonic() + self._timeout_s
        while (left_s := given_up_at - time.monotonic()) > 0:
            try:
                return self._queue.get(timeout=min(left_s, _POLL_S))
            except queue.Empty:
                self._check()
        raise DecoderStalled(
            f"{self._footage.path}: the decoder gave no frame for {self._timeout_s:g} s; check the disk, "
            "or raise replay.decoder_timeout_s"
        )

    def _decode(self) -> None:
        # Whatever ends the thread must reach the reader, who would wait for a frame that never comes.
        error: BaseException | None = None
        try:
            started = time.perf_counter()
            for frame in self._footage.frames():
                self.busy_s += time.perf_counter() - started
                if self._accounting is not None:
                    self._accounting.frame_captured()
                if not self._put(frame):
                    return
                started = time.perf_counter()
        except BaseException as raised:  # noqa: BLE001  handed over to the reader, who raises it
            error = raised
        finally:
            self._put(_End(error))

    def _put(self, item: Frame | _End) -> bool:
        while not self._stopping.is_set():
            try:
                self._queue.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False
