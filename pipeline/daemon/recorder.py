"""The daemon's pen: one run in the database, begun when the network is known, ended when the daemon stops.

The daemon's thread never waits for the database. Observations and events go through the writer's queue; the run and its
cameras are put down by a thread of its own, and frames of a camera are looked at once the database knows the camera.
"""

from __future__ import annotations

import time
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

import structlog

from config.errors import DatabaseUnreachable, StorageError
from pipeline.daemon.errand import in_background
from storage.engine import open_database
from storage.records import CameraEventBegin, FrameCounts, RunStatus
from storage.repositories.camera_events import CameraEventRepository
from storage.repositories.runs import RunRepository
from storage.retry import RETRIED
from storage.writer import ObservationWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future
    from datetime import datetime

    from sqlalchemy import Engine

    from config.schema import Settings
    from pipeline.accounting import FrameCounts as LiveCounts
    from pipeline.device.messages import WorkerReady
    from storage.records import CameraEventEnd, ObservationBatch
    from storage.url import Database

_log = structlog.get_logger("sitewatch.storage")

_RETRY_S = 1.0
_LAST_WORD_S = 1.0
"""Of the time to stop, so much is kept for how the run ended."""
_ROOM_ROWS = 1_000
"""More than the persons of any batch: with so much room left in the queue a batch can be given to a device."""


class RunRecorder:
    """Writes what was seen; opens the database at once, so that a wrong one is told before anything starts.

    Args:
        database: path of an SQLite file, or URL.
        settings: of the site.
        committed: told of batches that are in the database, and since when, by the writer's thread.

    Raises:
        StorageError: the database cannot be used.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        committed: Callable[[list[ObservationBatch], float], object],
    ) -> None:
        self._settings = settings
        self._database = database
        self._engine: Engine = open_database(database, settings.storage)
        self._runs = RunRepository(self._engine)
        self._committed = committed
        self._writer: ObservationWriter | None = None
        self._network: WorkerReady | None = None
        self._wanted: dict[str, str] = {}
        self._known: frozenset[str] = frozenset()
        self._errand: Future[frozenset[str]] | None = None
        self._refusal: StorageError | None = None
        self._failure: StorageError | None = None
        self._unwritten_rows = 0
        self._again_s = 0.0
        self._events: list[CameraEventBegin | CameraEventEnd] = []
        self.run_id: int | None = None

    @property
    def has_room(self) -> bool:
        """Whether a batch's observations can be put without waiting for the database."""
        return self._writer is not None and self._writer.has_room(_ROOM_ROWS)

    @property
    def failing_s(self) -> float:
        """For how long the database has refused what is written; 0 while it works."""
        since_s = self._writer.failing_since if self._writer is not None else None
        return 0.0 if since_s is None else time.monotonic() - since_s

    @property
    def rows(self) -> tuple[int, int]:
        """How many rows are committed, and how many are queued."""
        return (0, 0) if self._writer is None else (self._writer.committed_rows, self._writer.queued_rows)

    def knows(self, camera_id: str) -> bool:
        """Whether the run has this camera."""
        return camera_id in self._known

    def declare(self, sources: Mapping[str, str]) -> None:
        """These cameras are to be part of the run, soon; those of before stay part of it."""
        self._wanted.update(sources)

    def network_loaded(self, ready: WorkerReady) -> None:
        """A network looks at frames: the run can begin."""
        self._network = self._network or ready

    def tick(self, now_s: float) -> None:
        """See to what is still to be put down; never waits.

        Raises:
            StorageError: nothing can be written any more, and waiting does not help.
        """
        self._fetch_errand(now_s)
        if self._errand is None and self._network is not None and now_s >= self._again_s:
            missing = {name: source for name, source in self._wanted.items() if name not in self._known}
            if missing or self.run_id is None:
                self._errand = in_background(partial(self._put_down, self._network, missing), "run")
        self._queue_events()
        if self._failure is not None:
            raise self._failure

    def put(self, observations: ObservationBatch) -> None:
        """Write this; there must be room. A writer that has failed is told by :meth:`tick`, not amid a batch."""
        assert self._writer is not None  # noqa: S101  has_room says so before a batch is made
        if self._failure is None:
            try:
                self._writer.put(observations)
            except StorageError as error:
                self._failure = error
            else:
                return
        self._unwritten_rows += len(observations)

    def record(self, event: CameraEventBegin | CameraEventEnd) -> None:
        """Write this as soon as there is room and the camera is known."""
        self._events.append(event)

    def close(
        self,
        frames: Mapping[str, LiveCounts],
        damaged: Mapping[str, int],
        ended_at: datetime,
        timeout_s: float,
    ) -> None:
        """Commit what is queued, for as long as there is time, and end the run.

        Whatever the database does, this takes hardly longer than ``timeout_s``.

        Raises:
            StorageError: the run cannot be ended, or never began; the next start marks it incomplete. Or what was seen
                could not be written, for a reason that does not pass.
        """
        deadline_s = time.monotonic() + max(timeout_s, 0.0)
        try:
            self._finish_errand(deadline_s)
            if self._writer is None or self.run_id is None:
                if self._refusal is not None:
                    raise self._refusal
                return
            lost = self._close_writer(self._writer, deadline_s - _LAST_WORD_S)
            reason = f"{lost} rows could not be written: {self._trouble(self._writer)}" if lost else None
            if self._failure is not None:
                reason = reason or str(self._failure)
            counts = {
                name: _stored(each, damaged[name]) for name, each in frames.items() if name in self._known
            }
            self._end_run(self.run_id, counts, reason, ended_at, deadline_s)
            if self._failure is not None:
                raise self._failure
        except StorageError as error:
            _log.error("run not ended", run=self.run_id, reason=str(error))
            raise self._failure or error from None  # what came first says more
        finally:
            self._engine.dispose()

    def _close_writer(self, writer: ObservationWriter, until_s: float) -> int:
        """Commit what is queued; returns how many rows had to be given up."""
        self._queue_events()
        try:
            lost = writer.close(max(until_s - time.monotonic(), 0.0))
        except StorageError as error:
            self._failure = error
            lost = writer.queued_rows
        lost += len(self._events) + self._unwritten_rows
        if lost:
            _log.error("rows not written", rows=lost, reason=self._trouble(writer))
        return lost

    @staticmethod
    def _trouble(writer: ObservationWriter) -> str:
        """Why rows were not written; a first try that still waits has said nothing yet."""
        return writer.last_error or "the database gave no answer"

    def _end_run(
        self,
        run_id: int,
        counts: Mapping[str, FrameCounts],
        reason: str | None,
        ended_at: datetime,
        deadline_s: float,
    ) -> None:
        status = RunStatus.COMPLETE if reason is None else RunStatus.INCOMPLETE
        left_s = max(deadline_s - time.monotonic(), _LAST_WORD_S)

        def end() -> None:
            hasty = self._settings.storage.model_copy(
                update={"lock_timeout_s": min(left_s, self._settings.storage.lock_timeout_s)}
            )
            engine = open_database(self._database, hasty)
            try:
                # In this order: the first gives back the room on the disk that was kept for both.
                RunRepository(engine).finish(run_id, status, counts, reason)
                CameraEventRepository(engine).close_open(run_id, ended_at)
            finally:
                engine.dispose()

        try:
            in_background(end, "end of run").result(left_s + _LAST_WORD_S)
        except TimeoutError:
            raise DatabaseUnreachable(
                f"the database gave no answer for {left_s + _LAST_WORD_S:.1f} s: check its server and the disk"
            ) from None
        _log.info("run ended", run=run_id, status=str(status))

    # In a thread of its own.

    def _put_down(self, network: WorkerReady, missing: Mapping[str, str]) -> frozenset[str]:
        """Begin the run or add cameras to it; returns those that were put down."""
        if self.run_id is None:
            self.run_id = self._runs.start(
                cameras=missing,
                config=self._settings.model_dump(mode="json"),
                weights={"detector": dict(network.provenance)},
                version=version("sitewatch"),
            )
            _log.info("run begun", run=self.run_id)
        else:
            self._runs.add_cameras(self.run_id, missing)
        if self._writer is None:
            self._writer = ObservationWriter.live(
                self._engine, self.run_id, self._settings.storage, self._committed
            )
        else:
            self._writer.add_cameras()
        return frozenset(missing)

    # Inside.

    def _queue_events(self) -> None:
        while (
            self._events
            and self._failure is None
            and self._writer is not None
            and self.knows(self._events[0].camera_id)
        ):
            try:
                if not self._writer.try_put(self._events[0]):
                    return
            except StorageError as error:
                self._failure = error
                return
            self._events.pop(0)

    def _fetch_errand(self, now_s: float) -> None:
        if self._errand is None or not self._errand.done():
            return
        errand, self._errand = self._errand, None
        try:
            self._known |= errand.result()
        except RETRIED as error:
            self._refusal = error
            self._again_s = now_s + _RETRY_S
            _log.warning("run not put down yet", reason=str(error))

    def _finish_errand(self, deadline_s: float) -> None:
        if self._errand is None:
            return
        errand, self._errand = self._errand, None
        try:
            self._known |= errand.result(max(deadline_s - time.monotonic(), 0.0))
        except RETRIED as error:
            self._refusal = error
            _log.warning("run not put down", reason=str(error))
        except TimeoutError:
            self._refusal = DatabaseUnreachable("the database gave no answer: check its server and the disk")
            _log.warning("run not put down", reason=str(self._refusal))


def _stored(counts: LiveCounts, damaged: int) -> FrameCounts:
    dropped = {str(reason): number for reason, number in counts.dropped.items()}
    return FrameCounts(counts.captured, counts.processed, dropped, damaged)
