"""The daemon's pen: one run in the database, begun when the network is known, ended when the daemon stops.

The daemon's thread never waits for the database. Observations and events go through the writer's queue; the run and its
cameras are put down by a thread of its own, and frames of a camera are looked at once the database knows the camera.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import TYPE_CHECKING

import structlog

from config.errors import StorageError
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
        self._engine: Engine = open_database(database, settings.storage)
        self._runs = RunRepository(self._engine)
        self._committed = committed
        self._writer: ObservationWriter | None = None
        self._network: WorkerReady | None = None
        self._wanted: dict[str, str] = {}
        self._known: frozenset[str] = frozenset()
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="runs")
        self._errand: Future[frozenset[str]] | None = None
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
        """See to what is still to be put down; never waits."""
        self._fetch_errand(now_s)
        if self._errand is None and self._network is not None and now_s >= self._again_s:
            missing = {name: source for name, source in self._wanted.items() if name not in self._known}
            if missing or self.run_id is None:
                self._errand = self._clerk.submit(self._put_down, self._network, missing)
        while self._events and self._writer is not None and self.knows(self._events[0].camera_id):
            if not self._writer.try_put(self._events[0]):
                break
            self._events.pop(0)

    def put(self, observations: ObservationBatch) -> None:
        """Write this; there must be room."""
        assert self._writer is not None  # noqa: S101  has_room says so before a batch is made
        self._writer.put(observations)

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

        Raises:
            StorageError: the run cannot be ended; the next start marks it incomplete.
        """
        deadline_s = time.monotonic() + max(timeout_s, 0.0)
        try:
            self._finish_errand(deadline_s)
            if self._writer is None or self.run_id is None:
                return
            self.tick(time.monotonic())
            lost = self._writer.close(max(deadline_s - time.monotonic(), 0.0))
            reason = f"{lost} rows could not be written: {self._writer.last_error}" if lost else None
            if reason is not None:
                _log.error("rows not written", rows=lost, reason=self._writer.last_error)
            CameraEventRepository(self._engine).close_open(self.run_id, ended_at)
            counts = {
                name: _stored(each, damaged[name]) for name, each in frames.items() if name in self._known
            }
            status = RunStatus.COMPLETE if reason is None else RunStatus.INCOMPLETE
            self._runs.finish(self.run_id, status, counts, reason)
            _log.info("run ended", run=self.run_id, status=str(status))
        except StorageError as error:
            _log.error("run not ended", run=self.run_id, reason=str(error))
            raise
        finally:
            self._clerk.shutdown(wait=False, cancel_futures=True)
            self._engine.dispose()

    # In the clerk's thread.

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
        elif missing and self._writer is not None:
            self._runs.add_cameras(self.run_id, missing)
            self._writer.add_cameras()
        if self._writer is None:
            self._writer = ObservationWriter.live(
                self._engine, self.run_id, self._settings.storage, self._committed
            )
        return frozenset(missing)

    # Inside.

    def _fetch_errand(self, now_s: float) -> None:
        if self._errand is None or not self._errand.done():
            return
        errand, self._errand = self._errand, None
        try:
            self._known |= errand.result()
        except RETRIED as error:
            self._again_s = now_s + _RETRY_S
            _log.warning("run not put down yet", reason=str(error))

    def _finish_errand(self, deadline_s: float) -> None:
        if self._errand is None:
            return
        try:
            self._known |= self._errand.result(max(deadline_s - time.monotonic(), 0.0))
        except (*RETRIED, TimeoutError) as error:
            _log.warning("run not put down", reason=str(error))
        self._errand = None


def _stored(counts: LiveCounts, damaged: int) -> FrameCounts:
    dropped = {str(reason): number for reason, number in counts.dropped.items()}
    return FrameCounts(counts.captured, counts.processed, dropped, damaged)
