"""Runs are started, finished, found again and deleted with all that hangs on them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from config.errors import NaiveTimeError, RecordNotFound, StorageError
from storage.engine import open_database
from storage.process import host_name
from storage.records import FrameCounts, RunStatus
from storage.repositories.runs import RunRepository
from storage.reserve import RESERVE_BYTES
from storage.schema import Base, CameraRow, ObservationRow, RunRow, TrackRow
from tests.observations import start_run, walk, write

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

_NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def count(engine: Engine, table: type[Base]) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_run_tells_what_it_was_given(engine: Engine) -> None:
    runs = RunRepository(engine, clock=lambda: _NOON)
    run_id = runs.start(
        cameras={"gate": "gate.avi", "dock": "dock.avi"},
        config={"tracker": {"high_score": 0.5}, "name": "Tür"},
        weights={"detector": {"name": "yolov3-tiny", "sha256": "ab"}},
        version="1.2.3",
    )
    assert runs.get(run_id).status is RunStatus.RUNNING
    frames = {
        "gate": FrameCounts(captured=100, processed=97, dropped={"stale": 2, "queue full": 1}, damaged=4),
        "dock": FrameCounts(),
    }
    runs.finish(run_id, RunStatus.COMPLETE, frames)
    run = runs.get(run_id)
    assert (run.status, run.reason, run.version, run.host) == (RunStatus.COMPLETE, None, "1.2.3", host_name())
    assert run.config == {"tracker": {"high_score": 0.5}, "name": "Tür"}
    assert run.weights == {"detector": {"name": "yolov3-tiny", "sha256": "ab"}}
    assert (run.started_at, run.finished_at) == (_NOON, _NOON)
    assert run.frames == frames
    assert runs.list() == [run]


def test_cameras_are_shared_between_runs(engine: Engine) -> None:
    first, second = start_run(engine, "gate"), start_run(engine, "gate", "dock")
    runs = RunRepository(engine)
    assert set(runs.get(first).frames) == {"gate"}
    assert set(runs.get(second).frames) == {"gate", "dock"}


def test_runs_that_begin_at_once_share_a_camera_that_is_new(engine: Engine) -> None:
    names = [f"camera-{number}" for number in range(30)]

    def start_all(cameras: list[str]) -> list[int]:
        return [start_run(engine, *cameras[at : at + 3]) for at in range(0, len(cameras), 3)]

    with ThreadPoolExecutor(4) as pool:
        started = [pool.submit(start_all, order) for order in (names, names[::-1], names, names[::-1])]
        run_ids = [run_id for one in started for run_id in one.result()]
    assert len(set(run_ids)) == 40
    assert count(engine, CameraRow) == len(names)


def test_run_keeps_room_for_its_end_only_while_it_goes_on(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "site.db")
    first, second = start_run(engine), start_run(engine)
    kept = [tmp_path / f"site.db-reserve-{run_id}" for run_id in (first, second)]
    assert [path.stat().st_size for path in kept] == [RESERVE_BYTES, RESERVE_BYTES]
    RunRepository(engine).finish(first, RunStatus.COMPLETE)
    assert [path.exists() for path in kept] == [False, True]
    engine.dispose()


def test_incomplete_run_says_why(engine: Engine) -> None:
    run_id = start_run(engine)
    runs = RunRepository(engine)
    runs.finish(run_id, RunStatus.INCOMPLETE, reason="no space left")
    assert (runs.get(run_id).status, runs.get(run_id).reason) == (RunStatus.INCOMPLETE, "no space left")


def test_what_does_not_exist_is_named(engine: Engine) -> None:
    runs = RunRepository(engine)
    for act in (runs.get, runs.delete, lambda run_id: runs.finish(run_id, RunStatus.COMPLETE)):
        with pytest.raises(RecordNotFound, match="no run 7"):
            act(7)
    run_id = start_run(engine, "gate")
    with pytest.raises(RecordNotFound, match="no camera 'dock'"):
        runs.record_frames(run_id, {"dock": FrameCounts(1, 1)})


def test_deleting_a_run_deletes_its_tracks_and_no_others(engine: Engine) -> None:
    kept, deleted = start_run(engine), start_run(engine)
    for run_id in (kept, deleted):
        write(engine, run_id, walk(50))
    before = count(engine, TrackRow), count(engine, ObservationRow)
    RunRepository(engine).delete(deleted)
    assert (2 * count(engine, TrackRow), 2 * count(engine, ObservationRow)) == before
    assert start_run(engine) > deleted, "the id of a deleted run must not come back"


def test_naive_wall_clock_is_refused(engine: Engine) -> None:
    runs = RunRepository(engine, clock=lambda: datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    with pytest.raises(NaiveTimeError):
        runs.start(cameras={"gate": "gate.avi"}, config={}, weights={}, version="1")


def test_unknown_status_is_refused_by_the_database(engine: Engine) -> None:
    start_run(engine)
    with pytest.raises(StorageError, match="refused"), engine.begin() as connection:
        connection.execute(update(RunRow).values(status="done"))


def test_run_of_a_dead_process_is_marked_incomplete_by_the_next_start(engine: Engine) -> None:
    dead, alive = start_run(engine), start_run(engine)
    with engine.begin() as connection:
        connection.execute(update(RunRow).where(RunRow.id == dead).values(process="1/1/another-boot"))
    runs = RunRepository(engine)
    assert runs.abandoned() == [dead]
    start_run(engine)
    assert runs.get(dead).status is RunStatus.INCOMPLETE
    assert runs.get(alive).status is RunStatus.RUNNING
