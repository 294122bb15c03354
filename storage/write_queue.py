"""The bounded queue between the stages and the one writer thread: who puts too fast waits."""

from __future__ import annotations

import time
from collections import deque
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.records import CameraEventBegin, CameraEventEnd, ObservationBatch, TrackRevision

    Batch = ObservationBatch | TrackRevision | CameraEventBegin | CameraEventEnd


class WriteQueue:
    """Batches in the order in which they were put, bounded by rows.

    A row counts against the bound until it is committed, so memory is bounded whatever the database does. A batch
    larger than the bound is let in alone.
    """

    def __init__(self, limit_rows: int, batch_rows: int, interval_s: float) -> None:
        """``put`` waits at ``limit_rows``; ``take`` waits for ``batch_rows`` or until ``interval_s`` has passed."""
        self._limit = limit_rows
        self._batch_rows = min(batch_rows, limit_rows)
        self._interval_s = interval_s
        self._changed = Condition()
        self._batches: deque[Batch] = deque()
        self._queued = 0  # rows put and not taken
        self._uncommitted = 0  # rows put and not committed
        self._hurried = 0  # callers that wait for a commit
        self._oldest_at = 0.0  # monotonic time at which the first batch of the queue was put
        self._closed = False

    @property
    def uncommitted(self) -> int:
        """Rows put and not committed, without waiting for the lock."""
        return self._uncommitted

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is let in, without waiting for the lock."""
        return self._closed

    def has_room(self, rows: int) -> bool:
        """Whether so many rows would be let in at once, without waiting for the lock."""
        return self._uncommitted == 0 or self._uncommitted + rows <= self._limit

    def put(self, batch: Batch, *, wait: bool = True) -> bool:
        """Append a batch; waits while the queue is full.

        False if it took nothing: the queue was closed, or is full and the caller did not want to wait.
        """
        with self._changed:
            if wait:
                self._wait(lambda: self.has_room(len(batch)))
            if self._closed or not self.has_room(len(batch)):
                return False
            if not self._batches:
                self._oldest_at = time.monotonic()
            self._batches.append(batch)
            self._queued += len(batch)
            self._uncommitted += len(batch)
            if len(self._batches) == 1 or self._queued >= self._batch_rows:
                self._changed.notify_all()
            return True

    def take(self) -> list[Batch]:
        """The next batches to commit together; empty when the queue is closed and nothing is left."""
        with self._changed:
            while not self._ready():
                age_s = time.monotonic() - self._oldest_at
                self._changed.wait(self._interval_s - age_s if self._batches else None)
            return self._pop()

    def committed(self, rows: int) -> None:
        """So many rows that were taken are in the database."""
        with self._changed:
            self._uncommitted -= rows
            self._changed.notify_all()

    def wait_until_committed(self) -> None:
        """Wait until all that was put is committed, or the queue was closed."""
        with self._changed:
            self._wait(lambda: self._uncommitted == 0)

    def close(self, *, discard: bool = False) -> None:
        """Let nothing more in, and wake all who wait; what is queued can still be taken unless discarded."""
        with self._changed:
            self._closed = True
            if discard:
                self._batches.clear()
                self._queued = 0
            self._changed.notify_all()

    def _wait(self, condition: Callable[[], bool]) -> None:
        if condition() or self._closed:
            return
        self._hurried += 1
        self._changed.notify_all()
        try:
            self._changed.wait_for(lambda: condition() or self._closed)
        finally:
            self._hurried -= 1

    def _ready(self) -> bool:
        if self._closed or self._queued >= self._batch_rows:
            return True
        due = self._hurried > 0 or time.monotonic() - self._oldest_at >= self._interval_s
        return bool(self._batches) and due

    def _pop(self) -> list[Batch]:
        taken: list[Batch] = []
        rows = 0
        while self._batches and rows < self._batch_rows:
            taken.append(self._batches.popleft())
            rows += len(taken[-1])
        self._queued -= rows
        self._oldest_at = time.monotonic()
        return taken
