"""The daemon's pen: one run in the database, begun when the network is known, ended when the daemon stops."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import structlog

from config.errors import StorageError
from storage.engine import open_database
from storage.records import FrameCounts, RunStatus
from storage.repositories.runs import RunRepository
from storage.writer import ObservationWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Engine

    from config.schema import Settings
    from pipeline.accounting import FrameCounts as LiveCounts
    from pipeline.device.messages import WorkerReady
    from storage.records import ObservationBatch
    from storage.url import Database

_log = structlog.get_logger("sitewatch.storage")


class RunRecorder:
    """Writes what was seen; opens the database at once, so that a wrong one is told before anything starts.

    Args:
        database: path of an SQLite file, or URL.
        settings: of the site.
        committed: told of batches that are in the database.

    Raises:
        StorageError: the database cannot be used.
    """

    def __init__(
        self, database: Database, settings: Settings, committed: Callable[[list[ObservationBatch]], None]
    ) -> None:
        self._settings = settings
        self._engine: Engine = open_database(database, settings.storage)
        self._runs = RunRepository(self._engine)
        self._sources = {camera.id: camera.address for camera in settings.cameras}
        self._committed = committed
        self._writer: ObservationWriter | None = None
        self.run_id: int | None = None

    @property
    def has_room(self) -> bool:
        """Whether observations can be put without waiting for the database."""
        return self._writer is not None

    def network_loaded(self, ready: WorkerReady) -> None:
        """Begin the run, if this is the first network."""
        if self.run_id is not None:
            return
        self.run_id = self._runs.start(
            cameras=self._sources,
            config=self._settings.model_dump(mode="json"),
            weights={"detector": dict(ready.provenance)},
            version=version("sitewatch"),
        )
        storage = self._settings.storage
        live = storage.model_copy(update={"write_interval_s": storage.live_write_interval_s})
        self._writer = ObservationWriter(self._engine, self.run_id, live)
        _log.info("run begun", run=self.run_id)

    def put(self, observations: ObservationBatch) -> None:
        """Write this."""
        assert self._writer is not None  # noqa: S101  no batch is answered before the network is loaded
        self._writer.put(observations)

    def close(self, frames: Mapping[str, LiveCounts], damaged: Mapping[str, int], timeout_s: float) -> None:
        """Commit what is queued and end the run."""
        del timeout_s
        try:
            if self._writer is not None and self.run_id is not None:
                self._writer.close()
                counts = {
                    name: FrameCounts(
                        each.captured,
                        each.processed,
                        {str(reason): number for reason, number in each.dropped.items()},
                        damaged[name],
                    )
                    for name, each in frames.items()
                }
                self._runs.finish(self.run_id, RunStatus.COMPLETE, counts)
                _log.info("run ended", run=self.run_id)
        except StorageError as error:
            _log.error("run not ended", run=self.run_id, reason=str(error))
            raise
        finally:
            self._engine.dispose()
