"""Who was in this area between two times: the cost of the query as the table grows.

One camera, people who come one after the other, and a window at the beginning, in the middle and at the end of the
recording: a query that its indexes carry costs the same everywhere, and the same whatever the table holds besides.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from benchmarks.machine import describe
from storage.area import Area
from storage.engine import open_database
from storage.records import ObservationBatch, ObservationOrigin
from storage.repositories.runs import RunRepository
from storage.repositories.tracks import TrackRepository
from storage.writer import ObservationWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

_START = datetime(2026, 1, 1, tzinfo=UTC)
_FRAME = timedelta(milliseconds=100)
_PEOPLE = 4  # in view at a time
_WINDOW = timedelta(minutes=1)
_AREAS = {
    "box": Area.box(100, 200, 300, 400),
    "polygon": Area.parse("100,200 300,180 320,400 200,450 90,390"),
}
_BODY = np.array([40, 110])  # width and height, pixels
_ROUNDS = 7


@click.command()
@click.option("--rows", default=1_000_000, show_default=True, help="Observations in the table.")
@click.option("--track-frames", default=200, show_default=True, help="How many of them a track has.")
@click.option("--database", help="URL of an empty database instead of a new SQLite file.")
def main(rows: int, track_frames: int, database: str | None) -> None:
    """Time the area query on a table of so many rows."""
    measure(rows, track_frames, database)


def measure(rows: int = 1_000_000, track_frames: int = 200, database: str | None = None) -> None:
    """Fill a database and print the median time of the query at three places of it."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(database or Path(folder) / "area.db")
        frames = rows // _PEOPLE
        _fill(engine, frames, track_frames)
        print(describe())
        tracks = frames // track_frames * _PEOPLE
        print(
            f"{engine.dialect.name}, {frames * _PEOPLE:,} observations of {tracks:,} tracks, {_WINDOW} of them"
        )
        for name, area in _AREAS.items():
            cost = [_query_ms(engine, area, _START + share * frames * _FRAME) for share in (0.01, 0.5, 0.98)]
            print(f"  {name:<8} beginning {cost[0]:.1f} ms, middle {cost[1]:.1f} ms, end {cost[2]:.1f} ms")
        engine.dispose()


def _fill(engine: Engine, frames: int, track_frames: int) -> None:
    run_id = RunRepository(engine).start(cameras={"gate": "benchmark"}, config={}, weights={}, version="0")
    with ObservationWriter(engine, run_id) as writer:
        for batch in _batches(frames, track_frames):
            writer.put(batch)


def _batches(frames: int, track_frames: int) -> Iterator[ObservationBatch]:
    random: Any = np.random.default_rng(0)
    corner = random.uniform((0, 100), (700, 400), (_PEOPLE, 2))
    for frame in range(frames):
        if frame % track_frames == 0:
            corner = random.uniform((0, 100), (700, 400), (_PEOPLE, 2))
        corner = corner + random.normal(0, 1, (_PEOPLE, 2))
        yield ObservationBatch(
            camera_id="gate",
            frame_index=frame,
            media_time=_START + frame * _FRAME,
            track_number=np.arange(_PEOPLE) + 1 + _PEOPLE * (frame // track_frames),
            xyxy=np.hstack([corner, corner + _BODY]).astype(np.float32),
            score=np.full(_PEOPLE, 0.5, np.float32),
            origin=ObservationOrigin.DETECTED,
        )


def _query_ms(engine: Engine, area: Area, start: datetime) -> float:
    repository = TrackRepository(engine)
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        list(repository.present_in("gate", area, start, start + _WINDOW))
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
