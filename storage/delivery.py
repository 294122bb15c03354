"""What was queued, brought into the database in one transaction; tried again, and still once, where that is wanted."""

from __future__ import annotations

import logging
import time
from itertools import groupby
from threading import Event
from typing import TYPE_CHECKING

from storage.bulk import insert_observations, revise_observations
from storage.records import ObservationBatch, TrackRevision
from storage.repositories.camera_events import record_event
from storage.retry import RETRIED
from storage.stacking import stack
from storage.track_rows import TrackRows
from storage.write_mark import WriteMark

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine
    from tenacity import RetryCallState

    from config.errors import StorageError
    from storage.retry import RetryPolicy
    from storage.run_cameras import RunCameras
    from storage.write_queue import Batch

_log = logging.getLogger(__name__)


class Delivery:
    """Writes for one run. One thread delivers; others may look at the attributes.

    Attributes:
        failing_since: monotonic seconds at which the first try began that failed; absent while all is well.
        last_error: what the last failure was; empty before the first.
    """

    def __init__(self, engine: Engine, cameras: RunCameras, retry: RetryPolicy | None = None) -> None:
        """Without ``retry`` each delivery is tried once.

        Raises:
            StorageError: with ``retry``: the database cannot be written.
        """
        self._engine = engine
        self._cameras = cameras
        self._tracks = TrackRows(cameras)
        self._given_up = Event()
        self._mark = WriteMark(engine, cameras.run_id) if retry else None
        self._connection: Connection | None = (
            None  # kept: to ask the pool each time costs more than a statement
        )
        self._retrying = retry.retrying(self._given_up, self._before_pause) if retry else None
        self._began_s = 0.0  # monotonic time of the first try of what is delivered
        self.failing_since: float | None = None
        self.last_error = ""

    def deliver(self, batches: list[Batch]) -> None:
        """Write all of ``batches``, in their order, or nothing.

        Raises:
            RecordNotFound: a revision of what was not observed.
            StorageError: the database refuses, and it was not to be tried again, or that was given up.
        """
        self._began_s = time.monotonic()
        try:
            try:
                self._attempt(batches)  # nearly always enough, and tenacity's bookkeeping is not free
            except RETRIED as error:
                if self._retrying is None:
                    raise
                self._retrying(self._tries_after(error), batches)
        except BaseException as error:
            self._note(error, time.monotonic())
            raise
        self._well_again()

    def give_up(self) -> None:
        """Try nothing again any more. A try that is under way ends as it may."""
        self._given_up.set()

    def close(self) -> None:
        """Give the connection back. To be called by the thread that delivers, after its last delivery."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def is_given_up(self) -> bool:
        """Whether :meth:`give_up` was called."""
        return self._given_up.is_set()

    def _attempt(self, batches: list[Batch]) -> None:
        try:
            self._transact(batches)
        except BaseException:
            self._tracks.forget()
            raise
        if self._mark is not None:
            self._mark.advance()

    def _tries_after(self, error: StorageError) -> Callable[[list[Batch]], None]:
        """Tries of which the first has failed already."""
        failed = [error]

        def attempt(batches: list[Batch]) -> None:
            if failed:
                raise failed.pop()
            self._attempt(batches)

        return attempt

    def _transact(self, batches: list[Batch]) -> None:
        connection = self._connection = self._connection or self._engine.connect()
        try:
            with connection.begin():
                if self._mark is None or self._mark.claim(connection):
                    self._write(connection, batches)
        except BaseException:
            self._connection = None  # the next try looks afresh which server, or which file, there is
            with connection:
                connection.invalidate()
            raise
        if self._retrying is None:
            self.close()  # who tries once gets, each time, a connection that the pool has asked after

    def _write(self, connection: Connection, batches: list[Batch]) -> None:
        # in their order: a revision sees what was put before it, and not what comes after
        for _, consecutive in groupby(batches, type):
            alike = list(consecutive)
            if observed := [one for one in alike if isinstance(one, ObservationBatch)]:
                self._insert(connection, observed)
            elif revisions := [one for one in alike if isinstance(one, TrackRevision)]:
                self._revise(connection, revisions)
            else:
                self._record(connection, alike)

    def _insert(self, connection: Connection, batches: list[ObservationBatch]) -> None:
        rows = stack(batches)
        insert_observations(connection, rows, self._tracks.extend(connection, rows))

    def _revise(self, connection: Connection, revisions: list[TrackRevision]) -> None:
        track_id = self._tracks.find(connection, [(one.camera_id, one.number) for one in revisions])
        revise_observations(connection, revisions, track_id)

    def _record(self, connection: Connection, events: list[Batch]) -> None:
        for event in events:
            if not isinstance(event, ObservationBatch | TrackRevision):
                camera = self._cameras.row_id(event.camera_id)
                record_event(connection, self._cameras.run_id, camera, event)

    def _before_pause(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if error is not None:
            if self.failing_since is None or str(error) != self.last_error:
                _log.warning("nothing can be written at present: %s", error)
            self._note(error, self._began_s)

    def _note(self, error: BaseException, since: float) -> None:
        self.last_error = str(error)
        if self.failing_since is None:
            self.failing_since = since

    def _well_again(self) -> None:
        if self.failing_since is not None:
            _log.warning("written again after %.1f s", time.monotonic() - self.failing_since)
            self.failing_since = None
