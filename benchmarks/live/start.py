"""From ``sitewatch run`` to the first track in the database, with network and conversion cached."""

from __future__ import annotations

import sqlite3
import statistics
import time
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.live.figures import Figure
from benchmarks.live.films import pictures, sample
from benchmarks.live.sites import started_site
from tests.streams import write_stream

if TYPE_CHECKING:
    from tests.daemons import RunningDaemon

_MUST_S, _AIM_S = 8.0, 4.0
_LONGEST_S = 300.0
_FILM_FRAMES = 300


def measure(*, quick: bool) -> list[Figure]:
    """Median of several starts; one before them fills the caches."""
    with TemporaryDirectory() as folder:
        frames = (image for image, _ in zip(pictures(sample()), range(_FILM_FRAMES), strict=False))
        film = write_stream(Path(folder) / "vtest.mp4", frames, 10)
        starts = [_start(film) for _ in range(3 if quick else 8)][1:]
    seconds = [first_row_s for first_row_s, _ in starts]
    loaded_s = statistics.median(loaded for _, loaded in starts)
    note = (
        f"median of {len(seconds)} ({min(seconds):.2f} to {max(seconds):.2f} s); the network was loaded after "
        f"{loaded_s:.2f} s of its worker's life; the film is paced, 3 frames confirm a track"
    )
    return [
        Figure("start to first committed track", statistics.median(seconds), "s", _MUST_S, _AIM_S, note=note)
    ]


def _start(film: Path) -> tuple[float, float]:
    """Seconds to the first row, and those that the worker took to load the network."""
    camera: dict[str, Any] = {"id": "gate", "source": str(film)}
    began_s = time.perf_counter()
    with started_site([camera], detector={"name": "yolov3-tiny"}) as daemon:
        daemon.wait(lambda: _has_rows(daemon), _LONGEST_S)
        took_s = time.perf_counter() - began_s
        return took_s, float(daemon.log("worker ready")[0]["seconds"])


def _has_rows(daemon: RunningDaemon) -> bool:
    with (
        suppress(sqlite3.OperationalError),  # neither file nor table yet
        closing(sqlite3.connect(f"file:{daemon.database}?mode=ro", uri=True)) as connection,
    ):
        return connection.execute("SELECT 1 FROM observations LIMIT 1").fetchone() is not None
    return False
