"""Observations a second through the writer, beside ``sqlite3.executemany`` of the same rows.

The must is half the speed of ``executemany`` into the same table. The other side is given ready tuples, one
transaction and no foreign keys; the writer is given what the stages give it, and commits as often as the default settings say.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.machine import describe
from storage.engine import open_database
from storage.records import ObservationBatch, ObservationOrigin
from storage.repositories.runs import RunRepository
from storage.writer import ObservationWriter

if TYPE_CHECKING:
    from sqlalchemy import Engine

_FRAMES = 25_000
_PEOPLE = 8
_TRACK_FRAMES = 400  # how long a person stays
_BODY = np.array([40, 110])  # width and height, pixels
_ROUNDS = 7
_START = datetime(2026, 1, 1, tzinfo=UTC)
_FRAME = timedelta(milliseconds=40)
_INSERT = "INSERT INTO observations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_BARE_TABLE = (
    "CREATE TABLE observations (track_id INTEGER, media_time BIGINT, frame_index BIGINT, left_px REAL, "
    "top_px REAL, right_px REAL, bottom_px REAL, score REAL, foot_x_px REAL, foot_y_px REAL, origin VARCHAR(12))"
)

Row = tuple[int, int, int, float, float, float, float, float, float, float, str]


def main() -> None:
    """Print medians and ratios of alternating rounds."""
    batches = _batches()
    seconds: dict[str, list[float]] = {"writer": [], "same table": [], "bare table": []}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(_ROUNDS):
            path = Path(folder) / f"{turn}.db"
            seconds["writer"].append(_time_writer(path, batches))
            schema, rows = _read_back(path)
            seconds["same table"].append(_time_executemany(Path(folder) / f"{turn}-same.db", schema, rows))
            seconds["bare table"].append(
                _time_executemany(Path(folder) / f"{turn}-bare.db", _BARE_TABLE, rows)
            )
    print(describe())
    print(
        f"SQLite {sqlite3.sqlite_version}, {len(rows)} observations, median of {_ROUNDS} alternating rounds"
    )
    for name, times in seconds.items():
        ratios = [other / own for own, other in zip(seconds["writer"], times, strict=True)]
        versus = "" if name == "writer" else f"   writer / this: {statistics.median(ratios):.2f}"
        print(f"  {name:<11}{len(rows) / statistics.median(times):>10,.0f} rows/s{versus}")


def _batches() -> list[ObservationBatch]:
    random = np.random.default_rng(0)
    batches = []
    for frame in range(_FRAMES):
        corner = random.uniform(0, 500, (_PEOPLE, 2))
        numbers = np.arange(_PEOPLE) + 1 + _PEOPLE * (frame // _TRACK_FRAMES)
        batches.append(
            ObservationBatch(
                camera_id="gate",
                frame_index=frame,
                media_time=_START + frame * _FRAME,
                track_number=numbers.astype(np.int64),
                xyxy=np.hstack([corner, corner + _BODY]).astype(np.float32),
                score=random.uniform(0, 1, _PEOPLE).astype(np.float32),
                origin=ObservationOrigin.DETECTED,
            )
        )
    return batches


def _time_writer(path: Path, batches: list[ObservationBatch]) -> float:
    engine = open_database(path)
    run_id = _start_run(engine)
    start = time.perf_counter()
    with ObservationWriter(engine, run_id) as writer:
        for batch in batches:
            writer.put(batch)
    elapsed = time.perf_counter() - start
    engine.dispose()
    return elapsed


def _start_run(engine: Engine) -> int:
    return RunRepository(engine).start(cameras={"gate": "benchmark"}, config={}, weights={}, version="0")


def _read_back(path: Path) -> tuple[str, list[Row]]:
    """The table's definition and its rows as ready tuples, in the order in which they came."""
    with closing(sqlite3.connect(path)) as connection:
        schema = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'observations'").fetchone()[0]
        return schema, connection.execute(
            "SELECT * FROM observations ORDER BY frame_index, track_id"
        ).fetchall()


def _time_executemany(path: Path, schema: str, rows: list[Row]) -> float:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(schema)
        start = time.perf_counter()
        connection.execute("BEGIN")
        connection.executemany(_INSERT, rows)
        connection.execute("COMMIT")
        return time.perf_counter() - start


if __name__ == "__main__":
    main()
