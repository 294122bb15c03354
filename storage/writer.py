"""The one writer: a thread that owns the write connection, batches, and pushes back before memory grows."""

from __future__ import annotations

import logging
from itertools import groupby
from threading import Thread
from typing import TYPE_CHECKING, Self

from config.sections.storage import StorageSettings
from storage.bulk import insert_observations, revise_observations
from storage.records import ObservationBatch, TrackRevision
from storage.stacking import stack
from storage.track_rows import TrackRows
from storage.write_queue import WriteQueue

if TYPE_CHECKING:
    from types import TracebackType

    from sqlalchemy import Connection, Engine

    from storage.write_queue import Batch

_log = logging.getLogger(__name__)


class ObservationWriter:
    """Writes the observations of one run, in whole batches, one transaction each.

    ``put`` and ``revise`` return at once while the queue has room and wait when it has none. What they are given is
    written in their order. A failure of the database stops the writer; it is raised once, by whichever of ``put``,
    ``revise``, ``flush`` and ``close`` is called next. What was committed before stays.
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
        self._enqueue(batch, "put")

    def revise(self, revision: TrackRevision) -> None:
        """Queue better positions in place of those put before; waits while ``queue_rows`` are queued.

        A track or position that was never put stops the writer with :class:`RecordNotFound`, as any failure.

        Raises:
            RecordNotFound: the run was not started with that camera; or an earlier revision named no observation.
            StorageError: an earlier batch could not be written.
            ValueError: the writer is closed, or has failed before.
        """
        self._enqueue(revision, "revise")

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

    def _enqueue(self, batch: Batch, call: str) -> None:
        self._tracks.require_camera(batch.camera_id)
        if len(batch) and not self._queue.put(batch):
            self._raise_failure()
            raise ValueError(f"{call} on a closed ObservationWriter")

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

    def _write(self, batches: list[Batch]) -> None:
        with self._engine.begin() as connection:
            # in their order: a revision sees what was put before it, and not what comes after
            for kind, consecutive in groupby(batches, type):
                if kind is TrackRevision:
                    self._revise(connection, [one for one in consecutive if isinstance(one, TrackRevision)])
                else:
                    self._insert(
                        connection, [one for one in consecutive if isinstance(one, ObservationBatch)]
                    )

    def _insert(self, connection: Connection, batches: list[ObservationBatch]) -> None:
        rows = stack(batches)
        insert_observations(connection, rows, self._tracks.extend(connection, rows))

    def _revise(self, connection: Connection, revisions: list[TrackRevision]) -> None:
        track_id = self._tracks.find(connection, [(one.camera_id, one.number) for one in revisions])
        revise_observations(connection, revisions, track_id)
