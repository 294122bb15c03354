"""Writing, reading and exporting take the same memory, however long the recording."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = """
import resource, sys
from storage.engine import open_database
from storage.export import write_csv
from storage.repositories.tracks import TrackRepository
from storage.writer import ObservationWriter
from tests.observations import batch, start_run

class Nowhere:
    def write(self, text):
        return len(text)

engine = open_database(sys.argv[1])
run_id = start_run(engine)
with ObservationWriter(engine, run_id) as writer:
    for frame in range(int(sys.argv[2])):
        writer.put(batch(frame, [frame // 100 + i for i in range(1, 9)]))
tracks = TrackRepository(engine)
rows = sum(1 for _ in tracks.iter_observations(run_id, "gate"))
write_csv(tracks.iter_tracks(run_id), Nowhere())
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _measure(path: Path, frames: int) -> tuple[int, float]:
    command = [sys.executable, "-c", _SCRIPT, str(path), str(frames)]
    rows, peak_kib = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(rows), int(peak_kib) / 1024


def test_memory_is_flat(tmp_path: Path) -> None:
    short_rows, short_mib = _measure(tmp_path / "short.db", 5_000)
    long_rows, long_mib = _measure(tmp_path / "long.db", 20_000)
    assert (short_rows, long_rows) == (40_000, 160_000)
    assert long_mib < short_mib + 25, "120,000 more observations may not need more memory"
