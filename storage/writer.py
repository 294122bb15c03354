"""The one writer: a thread that owns the write connection, batches, and pushes back before memory grows."""

from __future__ import annotations

import logging
import time
from threading import Thread
from typing import TYPE_CHECKING, Self

from config.sections.storage import StorageSettings
from storage.delivery import Delivery
from storage.records import ObservationBatch
from storage.retry import RetryPolicy
from storage.run_cameras import RunCameras
from storage.write_queue import WriteQueue

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TypeAlias

    from sqlalchemy import Engine

    from storage.records import CameraEventBegin, CameraEventEnd, TrackRevision
    from storage.write_queue import Batch

    OnCommitted: TypeAlias = Callable[[list[ObservationBatch], float], object]

_log = logging.getLogger(__name__)


class ObservationWriter:
    """Writes the observations of one run, and the events of its cameras, in whole batches, one transaction each.

    ``put``, ``revise`` and ``record`` return at once while the queue has room and wait when it has none. What they are
    given is written in their order. A failure of the database stops the writer; it is raised once, by whichever of
    them, ``flush`` and ``close`` is called next. What was committed before stays.

    With ``retry`` a failure that can pass does not stop it: it keeps what is queued, and tries until it is written,
    once. Other failures stop it all the same.
    """

    def __init__(
        self,
        engine: Engine,
        run_id: int,
        settings: StorageSettings | None = None,
        *,
        retry: RetryPolicy | None = None,
        on_committed: OnCommitted | None = None,
    ) -> None:
        """Start the thread.

        Args:
            engine: the database.
            run_id: the run.
            settings: ``queue_rows``, ``write_batch_rows`` and ``write_interval_s`` are used.
            retry: how failures that can pass are tried again.
            on_committed: told the observations of each commit and the monotonic seconds at which they were known to
                be in the database, by the thread of the writer, which waits for it; it may not raise.

        Raises:
            RecordNotFound: no such run.
            StorageError: with ``retry``: the database cannot be written.
        """
        settings = settings or StorageSettings()
        self._cameras = RunCameras(engine, run_id)
        self._delivery = Delivery(engine, self._cameras, retry)
        self._queue = WriteQueue(settings.queue_rows, settings.write_batch_rows, settings.write_interval_s)
        self._on_committed = on_committed
        self._committed_rows = 0
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._run, name=f"observations of run {run_id}", daemon=True)
        self._thread.start()

    @classmethod
    def live(
        cls,
        engine: Engine,
        run_id: int,
        settings: StorageSettings,
        on_committed: OnCommitted | None = None,
    ) -> Self:
        """The daemon's: commits every ``live_write_interval_s``, and survives the database.

        Raises:
            RecordNotFound: no such run.
            StorageError: the database cannot be written.
        """
        often = settings.model_copy(update={"write_interval_s": settings.live_write_interval_s})
        return cls(engine, run_id, often, retry=RetryPolicy.of(settings), on_committed=on_committed)

    @property
    def failing_since(self) -> float | None:
        """Monotonic seconds since when nothing can be written; absent while all is well. Never waits."""
        return self._delivery.failing_since

    @property
    def last_error(self) -> str:
        """What the last failure was, passed or not; empty before the first. Never waits."""
        return self._delivery.last_error

    @property
    def committed_rows(self) -> int:
        """Rows that are in the database: positions, revised positions and events. Never waits."""
        return self._committed_rows

    @property
    def queued_rows(self) -> int:
        """Rows that were put and are not known to be in the database. Never waits."""
        return self._queue.uncommitted

    def has_room(self, rows: int = 1) -> bool:
        """Whether so many rows could be put without waiting. Never waits itself."""
        return self._queue.has_room(rows)

    def put(self, batch: ObservationBatch) -> None:
        """Queue observations for writing; waits while ``queue_rows`` are queued.

        Raises:
            RecordNotFound: the run does not have that camera.
            StorageError: an earlier batch could not be written.
            ValueError: the writer is closed, or has failed before.
        """
        self._enqueue(batch, "put")

    def try_put(self, batch: ObservationBatch | CameraEventBegin | CameraEventEnd) -> bool:
        """As :meth:`put` and :meth:`record`, but never waits: False if there is no room, and nothing was queued.

        Raises:
            RecordNotFound: the run does not have that camera.
            StorageError: an earlier batch could not be written.
            ValueError: the writer is closed, or has failed before.
        """
        return self._enqueue(batch, "try_put", wait=False)

    def revise(self, revision: TrackRevision) -> None:
        """Queue better positions in place of those put before; waits while ``queue_rows`` are queued.

        A track or position that was never put stops the writer with :class:`RecordNotFound`, as any failure.

        Raises:
            RecordNotFound: the run does not have that camera; or an earlier revision named no observation.
            StorageError: an earlier batch could not be written.
            ValueError: the writer is closed, or has failed before.
        """
        self._enqueue(revision, "revise")

    def record(self, event: CameraEventBegin | CameraEventEnd) -> None:
        """Queue the beginning or the end of a camera's event; waits while ``queue_rows`` are queued.

        Raises:
            RecordNotFound: the run does not have that camera.
            StorageError: an earlier batch could not be written.
            ValueError: the writer is closed, or has failed before.
        """
        self._enqueue(event, "record")

    def add_cameras(self) -> None:
        """Learn which cameras have joined the run (:meth:`RunRepository.add_cameras`).

        Raises:
            RecordNotFound: the run was deleted.
            StorageError: the database cannot be read.
        """
        self._cameras.refresh()

    def flush(self) -> None:
        """Wait until all that was put is committed.

        Raises:
            StorageError: a batch could not be written.
        """
        self._queue.wait_until_committed()
        self._raise_failure()

    def close(self, timeout_s: float | None = None) -> int:
        """Commit what is queued and end the thread. Closing twice is harmless.

        Args:
            timeout_s: give up after so many seconds; absent: wait as long as it takes.

        Returns:
            How many rows are not known to be in the database; none unless it was given up. The transaction that is
            under way then may still be committed, nothing after it is.

        Raises:
            StorageError: a batch could not be written, for another reason than that time was up.
        """
        self._queue.close()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            self._delivery.give_up()
            self._queue.close(discard=True)
        self._raise_failure()
        return self._queue.uncommitted

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
            return
        self._queue.close()  # what was put before the error is still written
        self._thread.join()
        if self._failure is not None:
            _log.error("the writer failed too: %s", self._failure)  # the error under way is the one to show

    def _enqueue(self, batch: Batch, call: str, *, wait: bool = True) -> bool:
        self._cameras.row_id(batch.camera_id)  # refused here, not by the thread
        if not len(batch) or self._queue.put(batch, wait=wait):
            return True
        if self._queue.is_closed:
            self._raise_failure()
            raise ValueError(f"{call} on a closed ObservationWriter")
        return False

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _run(self) -> None:
        try:
            while batches := self._queue.take():
                self._delivery.deliver(batches)
                self._account(batches)
        except BaseException as error:  # noqa: BLE001 - edge of the thread: whoever calls next is told
            if not self._delivery.is_given_up:  # then close has told already
                self._failure = error
        finally:
            self._queue.close(discard=True)
            self._delivery.close()

    def _account(self, batches: list[Batch]) -> None:
        at = time.monotonic()
        rows = sum(map(len, batches))
        self._committed_rows += rows
        observed = [one for one in batches if isinstance(one, ObservationBatch)]
        if self._on_committed is not None and observed:
            self._on_committed(observed, at)
        self._queue.committed(rows)  # last: who waits for it finds all that was to be told told
