"""The one writer: a thread that owns the write connection, batches, and pushes back before memory grows."""

from __future__ import annotations

import logging
from threading import Thread
from typing import TYPE_CHECKING, Self

from config.sections.storage import StorageSettings
from storage.bulk import insert_observations
from storage.stacking import stack
from storage.track_rows import TrackRows
from storage.write_queue import WriteQueue

if TYPE_CHECKING:
    from types import TracebackType

    from sqlalchemy import Engine

    from storage.records import ObservationBatch

_log = logging.getLogger(__name__)


class ObservationWriter:
    """Writes the observations of one run, in whole batches, one transaction each.

    ``put`` returns at once while the queue has room and waits when it has none. A failure of the database stops the
    writer; it is raised once, by whichever of ``put``, ``flush`` and ``close`` is called next. What was committed
    before stays.
    """

    def __init__(self, engine: Engine, run_id: int, settings: StorageSettings | None = None) -> None:
        """Start the thread.

        Raises:
            RecordNotFound: no such run.
        """
        settings = settings or StorageSettings()
        self._engine = engine
        self._tracks = TrackRows(engine, run_id)
        self._queue = WriteQueue(settings.queue_rows, settings.write_batch_rows, settings.write_interval_s)
        self._failure: BaseException | None = None
        self._closed = False
        self._thread = Thread(target=self._run, name=f"observations of run {run_id}", daemon=True)
        self._thread.start()

    def put(self, batch: ObservationBatch) -> None:
        """Queue observations for writing; waits while ``queue_rows`` are queued.

        Raises:
            RecordNotFound: the run was not started with that camera.
            StorageError: an earlier batch could not be written.
            ValueError: the writer is closed, or has failed before.
        """
        self._tracks.require_camera(batch.camera_id)
        if len(batch) and not self._queue.put(batch):
            self._raise_failure()
            raise ValueError("put on a closed ObservationWriter")

    def flush(self) -> None:
        """Wait until all that was put is committed.

        Raises:
            StorageError: a batch could not be written.
        """
        self._queue.wait_until_committed()
        self._raise_failure()

    def close(self) -> None:
        """Commit what is queued and end the thread. Closing twice is harmless.

        Raises:
            StorageError: a batch could not be written.
        """
        self._queue.close()
        self._thread.join()
        self._raise_failure()

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

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _run(self) -> None:
        try:
            while batches := self._queue.take():
                self._write(batches)
                self._queue.committed(sum(map(len, batches)))
        except BaseException as error:  # noqa: BLE001 - edge of the thread: whoever calls next is told
            self._failure = error
        finally:
            self._queue.close(discard=True)

    def _write(self, batches: list[ObservationBatch]) -> None:
        rows = stack(batches)
        with self._engine.begin() as connection:
            insert_observations(connection, rows, self._tracks.extend(connection, rows))
