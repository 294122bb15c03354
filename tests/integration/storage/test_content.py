"""The content of a run is the same on both databases, and changes with everything that is not declared metadata."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from config.errors import RecordNotFound
from storage.content import content_digest, iter_content
from storage.engine import open_database
from storage.records import FrameCounts, RunStatus
from storage.repositories.runs import DECLARED_RUN_METADATA, RunRepository
from storage.schema import ObservationRow, RunCameraRow, RunRow, TrackRow
from tests.observations import START, batch, start_run, walk, write

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.postgresql import PostgresqlServer


def _fill(engine: Engine) -> int:
    run_id = start_run(engine, "gate", "Dock", "ä")
    write(
        engine,
        run_id,
        [*walk(60), *walk(30, camera="Dock"), batch(3, [2**40], camera="gate", foot=[(0.1, 1 / 3)])],
    )
    frames = {"gate": FrameCounts(61, 60, {"stale": 1})}
    RunRepository(engine).finish(run_id, RunStatus.COMPLETE, frames)
    return run_id


@pytest.mark.postgresql
def test_databases_agree(tmp_path: Path, postgresql: PostgresqlServer) -> None:
    contents = []
    for database in (tmp_path / "site.db", postgresql.new_database()):
        engine = open_database(database)
        contents.append(list(iter_content(engine, _fill(engine))))
        engine.dispose()
    assert contents[0] == contents[1]
    assert len(contents[0]) > 270


def test_declared_metadata_does_not_count(engine: Engine) -> None:
    run_id = _fill(engine)
    before = content_digest(engine, run_id)
    other = {
        "started_at": START,
        "finished_at": START + timedelta(hours=1),
        "host": "elsewhere",
        "process": "1",
    }
    assert set(other) == set(DECLARED_RUN_METADATA)
    with engine.begin() as connection:
        connection.execute(update(RunRow).values(**other))
    assert content_digest(engine, run_id) == before


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (RunRow, {"version": "9"}),
        (RunRow, {"config": {}}),
        (RunRow, {"weights": {}}),
        (RunRow, {"status": "incomplete"}),
        (RunCameraRow, {"captured": 1}),
        (RunCameraRow, {"dropped": {"late": 1}}),
        (TrackRow, {"interpolated": 1}),
        (ObservationRow, {"score": 0.75000006}),
        (ObservationRow, {"origin": "backfilled"}),
    ],
)
def test_everything_else_counts(engine: Engine, table: type, change: dict[str, object]) -> None:
    run_id = _fill(engine)
    before = content_digest(engine, run_id)
    with engine.begin() as connection:
        connection.execute(update(table).values(**change))
    assert content_digest(engine, run_id) != before


def test_run_that_is_not_there(engine: Engine) -> None:
    with pytest.raises(RecordNotFound):
        content_digest(engine, 5)
