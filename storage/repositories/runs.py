"""Runs: started, finished, found again."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from config.errors import RecordNotFound
from storage.engine import reading
from storage.process import host_name, identity, is_alive
from storage.records import FrameCounts, RunRecord, RunStatus
from storage.reserve import give_back_reserve, keep_reserve
from storage.schema import CameraRow, RunCameraRow, RunRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Connection, Engine

DECLARED_RUN_METADATA = ("started_at", "finished_at", "host", "process")
"""Columns of ``runs`` that may differ between two replays of the same input; nothing else may."""

_ABANDONED = "the process that wrote it ended without finishing it"


class RunRepository:
    """The runs of a database."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """``clock`` gives the wall clock's UTC time, for the declared metadata only."""
        self._engine = engine
        self._clock = clock

    def start(
        self,
        *,
        cameras: Mapping[str, str],
        config: Mapping[str, Any],
        weights: Mapping[str, Any],
        version: str,
    ) -> int:
        """Begin a run, with status ``running``. Runs whose process died are marked incomplete first.

        While it goes on, a file beside an SQLite database keeps room on the disk for :meth:`finish`.

        Args:
            cameras: name and source of each camera of the run.
            config: the effective configuration, as JSON.
            weights: role of each network, and its provenance.
            version: Sitewatch's.

        Returns:
            The run's id.

        Raises:
            StorageError: the database cannot be written.
        """
        self.mark_abandoned()
        row = {
            "status": RunStatus.RUNNING,
            "version": version,
            "config": dict(config),
            "weights": dict(weights),
            "started_at": self._clock(),
            "host": host_name(),
            "process": identity(),
        }
        with ExitStack() as unless_committed:
            with self._engine.begin() as connection:
                run_id: int = connection.execute(insert(RunRow).returning(RunRow.id), row).scalar_one()
                _add_cameras(connection, run_id, cameras)
                unless_committed.callback(self._give_back_reserves, [run_id])
                keep_reserve(connection, run_id)
            unless_committed.pop_all()
        return run_id

    def add_cameras(self, run_id: int, cameras: Mapping[str, str]) -> None:
        """Let cameras join a run that goes on; one that it has already keeps its counts, and gets the new source.

        Args:
            run_id: the run.
            cameras: name and source of each.

        Raises:
            RecordNotFound: no such run.
            StorageError: the database cannot be written.
        """
        with self._engine.begin() as connection:
            if connection.execute(select(RunRow.id).where(RunRow.id == run_id)).one_or_none() is None:
                raise RecordNotFound(_no_run(run_id))
            _add_cameras(connection, run_id, cameras)

    def finish(
        self,
        run_id: int,
        status: RunStatus,
        frames: Mapping[str, FrameCounts] | None = None,
        reason: str | None = None,
    ) -> None:
        """End a run.

        Args:
            run_id: the run.
            status: ``complete`` or ``incomplete``.
            frames: frame accounting of each camera.
            reason: why it is incomplete.

        Raises:
            RecordNotFound: no such run, or a camera that it does not have.
            StorageError: the database cannot be written.
        """
        self._give_back_reserves([run_id])
        with self._engine.begin() as connection:
            _record_frames(connection, run_id, frames or {})
            found = connection.execute(
                update(RunRow)
                .where(RunRow.id == run_id)
                .values(status=status, reason=reason, finished_at=self._clock())
            ).rowcount
            if not found:
                raise RecordNotFound(_no_run(run_id))

    def record_frames(self, run_id: int, frames: Mapping[str, FrameCounts]) -> None:
        """Put down the frame accounting of a run that goes on.

        Raises:
            RecordNotFound: the run does not have that camera.
            StorageError: the database cannot be written.
        """
        with self._engine.begin() as connection:
            _record_frames(connection, run_id, frames)

    def abandoned(self) -> list[int]:
        """Runs of this machine that are ``running``, but whose process is gone."""
        running = select(RunRow.id, RunRow.process).where(
            RunRow.status == RunStatus.RUNNING, RunRow.host == host_name()
        )
        with reading(self._engine).connect() as connection:
            return [run_id for run_id, process in connection.execute(running) if not is_alive(process)]

    def mark_abandoned(self) -> list[int]:
        """Mark the runs that :meth:`abandoned` finds incomplete; returns their ids.

        Raises:
            StorageError: the database cannot be written.
        """
        dead = self.abandoned()
        if dead:
            self._give_back_reserves(dead)
            with self._engine.begin() as connection:
                connection.execute(
                    update(RunRow)
                    .where(RunRow.id.in_(dead), RunRow.status == RunStatus.RUNNING)
                    .values(status=RunStatus.INCOMPLETE, reason=_ABANDONED, finished_at=self._clock())
                )
        return dead

    def get(self, run_id: int) -> RunRecord:
        """One run.

        Raises:
            RecordNotFound: no such run.
        """
        with reading(self._engine).connect() as connection:
            row = connection.execute(_RUNS.where(RunRow.id == run_id)).one_or_none()
            if row is None:
                raise RecordNotFound(_no_run(run_id))
            return _run_record(row, _frames_of(connection, run_id))

    def cameras(self) -> dict[int, tuple[str, ...]]:
        """Names of the cameras of each run."""
        statement = (
            select(RunCameraRow.run_id, CameraRow.name)
            .join(CameraRow, CameraRow.id == RunCameraRow.camera_id)
            .order_by(RunCameraRow.run_id, CameraRow.name)
        )
        cameras: dict[int, tuple[str, ...]] = {}
        with reading(self._engine).connect() as connection:
            for run_id, name in connection.execute(statement):
                cameras[run_id] = (*cameras.get(run_id, ()), name)
        return cameras

    def list(self) -> list[RunRecord]:
        """All runs, oldest first."""
        with reading(self._engine).connect() as connection:
            rows = connection.execute(_RUNS.order_by(RunRow.id)).all()
            return [_run_record(row, _frames_of(connection, row.id)) for row in rows]

    def delete(self, run_id: int) -> None:
        """Remove a run with its tracks and observations.

        Raises:
            RecordNotFound: no such run.
            StorageError: the database cannot be written.
        """
        with self._engine.begin() as connection:
            if not connection.execute(delete(RunRow).where(RunRow.id == run_id)).rowcount:
                raise RecordNotFound(_no_run(run_id))

    def _give_back_reserves(self, run_ids: Iterable[int]) -> None:
        """Before the transaction that needs the room: begun inside it, on a full disk it would not begin."""
        with reading(self._engine).connect() as connection:
            for run_id in run_ids:
                give_back_reserve(connection, run_id)


_RUNS = select(
    RunRow.id,
    RunRow.status,
    RunRow.reason,
    RunRow.version,
    RunRow.config,
    RunRow.weights,
    RunRow.started_at,
    RunRow.finished_at,
    RunRow.host,
)


def _add_cameras(connection: Connection, run_id: int, sources: Mapping[str, str]) -> None:
    """Sorted, and without a look first: other runs may add the same cameras at the same time."""
    if not sources:
        return
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
    unless_known = dialect.insert(CameraRow).on_conflict_do_nothing()
    for name in sorted(sources):
        connection.execute(unless_known, {"name": name})
    cameras = connection.execute(select(CameraRow.name, CameraRow.id).where(CameraRow.name.in_(sources)))
    of_run = dialect.insert(RunCameraRow)
    connection.execute(
        of_run.on_conflict_do_update(
            index_elements=["run_id", "camera_id"], set_={"source": of_run.excluded.source}
        ),
        [
            {"run_id": run_id, "camera_id": camera_id, "source": sources[name]}
            for name, camera_id in sorted(cameras.all())
        ],
    )


def _record_frames(connection: Connection, run_id: int, frames: Mapping[str, FrameCounts]) -> None:
    for name, counts in frames.items():
        camera = select(CameraRow.id).where(CameraRow.name == name).scalar_subquery()
        found = connection.execute(
            update(RunCameraRow)
            .where(RunCameraRow.run_id == run_id, RunCameraRow.camera_id == camera)
            .values(
                captured=counts.captured,
                processed=counts.processed,
                dropped=dict(counts.dropped),
                damaged=counts.damaged,
            )
        ).rowcount
        if not found:
            raise RecordNotFound(f"run {run_id} has no camera {name!r}")


def _frames_of(connection: Connection, run_id: int) -> dict[str, FrameCounts]:
    rows = connection.execute(
        select(
            CameraRow.name,
            RunCameraRow.captured,
            RunCameraRow.processed,
            RunCameraRow.dropped,
            RunCameraRow.damaged,
        )
        .join(RunCameraRow, RunCameraRow.camera_id == CameraRow.id)
        .where(RunCameraRow.run_id == run_id)
        .order_by(CameraRow.name)
    )
    return {
        name: FrameCounts(captured, processed, dropped, damaged)
        for name, captured, processed, dropped, damaged in rows
    }


def _run_record(row: Any, frames: dict[str, FrameCounts]) -> RunRecord:
    return RunRecord(
        run_id=row.id,
        status=RunStatus(row.status),
        reason=row.reason,
        version=row.version,
        config=row.config,
        weights=row.weights,
        started_at=row.started_at,
        finished_at=row.finished_at,
        host=row.host,
        frames=frames,
    )


def _no_run(run_id: int) -> str:
    return f"there is no run {run_id}: sitewatch db status lists them"
