"""What goes wrong with a database file, each with the real thing: a lock, permissions, a full disk, damage, a kill."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.errors import (
    DatabaseLocked,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DiskFull,
    NotADatabase,
)
from config.sections.storage import StorageSettings
from storage.engine import Access, open_database
from storage.records import FrameCounts, RunStatus
from storage.repositories.runs import RunRepository
from storage.repositories.tracks import TrackRepository
from storage.reserve import RESERVE_BYTES
from storage.writer import ObservationWriter
from tests.observations import batch, start_run, walk, write
from tests.small_disks import small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).parents[3]
_BATCH_ROWS = 30
_PEOPLE = 3

_WRITES_WITHOUT_END = f"""
import itertools, sys
from config.errors import StorageError
from config.sections.storage import StorageSettings
from storage.engine import open_database
from storage.records import FrameCounts, RunStatus
from storage.repositories.runs import RunRepository
from storage.writer import ObservationWriter
from tests.observations import batch, start_run

engine = open_database(sys.argv[1])
run_id = start_run(engine)
settings = StorageSettings(write_batch_rows={_BATCH_ROWS}, queue_rows=600)
try:
    with ObservationWriter(engine, run_id, settings) as writer:
        for frame in itertools.count():
            writer.put(batch(frame, [1 + frame // 500, 2 + frame // 500, 3 + frame // 500]))
            if frame == 100:
                print("writing", flush=True)
except StorageError as error:
    RunRepository(engine).finish(run_id, RunStatus.INCOMPLETE, reason=str(error))
    print(type(error).__name__, flush=True)
"""

_WITHOUT_PRIVILEGES = """
import os, sys, tempfile
from pathlib import Path
from config.errors import StorageError
from storage.engine import Access, open_database
from storage.repositories.tracks import TrackRepository
from tests.observations import start_run

with tempfile.TemporaryDirectory() as folder:  # import everything while that is allowed
    open_database(Path(folder) / "other.db").dispose()
if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
print(sum(1 for _ in TrackRepository(open_database(sys.argv[1], access=Access.READ)).summaries()))
for act in (lambda: start_run(open_database(sys.argv[1])), lambda: open_database(Path(sys.argv[1]).with_name("new.db"))):
    try:
        act()
    except StorageError as error:
        print(type(error).__name__)
"""


def python(script: str, *arguments: str | Path, limit_bytes: int | None = None) -> subprocess.Popen[str]:
    """A process of its own that runs ``script``; its files cannot grow beyond ``limit_bytes``."""
    if limit_bytes is not None:
        script = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit_bytes},) * 2)\n{script}"
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    )


def fill(disk: Path, left_bytes: int = 0) -> None:
    """Let others take all the room on a disk but so much."""
    with (disk / "theirs").open("wb", buffering=0) as theirs:
        with suppress(OSError):
            while True:
                theirs.write(bytes(4096))
        theirs.truncate(theirs.tell() - left_bytes)


def check_whole_batches(path: Path) -> int:
    """The file is sound, and holds whole batches only, of whole frames, from the first on; returns its rows."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        counted = connection.execute("SELECT id, observations FROM tracks").fetchall()
        stored = connection.execute(
            "SELECT track_id, count(*) FROM observations GROUP BY track_id"
        ).fetchall()
        assert sorted(counted) == sorted(stored), "tracks and observations must agree"
        frames = Counter(frame for (frame,) in connection.execute("SELECT frame_index FROM observations"))
    assert set(frames.values()) <= {_PEOPLE}
    assert sorted(frames) == list(range(len(frames)))
    rows = frames.total()
    assert rows % _BATCH_ROWS == 0
    return rows


def _noise(size: int) -> bytes:
    return np.random.default_rng(0).bytes(size)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.db"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def test_lock_of_another_process_is_waited_for_then_reported(path: Path) -> None:
    settings = StorageSettings(lock_timeout_s=0.3)
    engine = open_database(path, settings)
    run_id = start_run(engine)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(DatabaseLocked, match="locked by another process"):
            start_run(engine)
        assert time.monotonic() - began >= 0.25
        writer = ObservationWriter(engine, run_id, settings)
        writer.put(batch(0, [1]))
        with pytest.raises(DatabaseLocked):
            writer.close()
        assert list(TrackRepository(engine).summaries()) == [], "reading goes on"
        other.execute("ROLLBACK")
    write(engine, run_id, walk(3))
    engine.dispose()


def test_lock_that_ends_in_time_loses_nothing(path: Path) -> None:
    engine = open_database(path, StorageSettings(lock_timeout_s=30))
    run_id = start_run(engine)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer = ObservationWriter(engine, run_id, StorageSettings(write_interval_s=0.01))
        writer.put(batch(0, [1]))
        time.sleep(0.3)
        other.execute("COMMIT")
    writer.close()
    assert sum(track.observations for track in TrackRepository(engine).summaries()) == 1
    engine.dispose()


def test_file_and_folder_that_may_not_be_written(open_folder: Path) -> None:
    path = open_folder / "site.db"
    engine = open_database(path)
    write(engine, start_run(engine), walk(3))
    engine.dispose()
    path.chmod(0o444)
    open_folder.chmod(0o555)
    output, _ = python(_WITHOUT_PRIVILEGES, path).communicate(timeout=60)
    assert output.split() == ["3", "DatabaseReadOnly", "DatabaseReadOnly"]


def test_file_opened_for_reading_is_not_written(path: Path) -> None:
    open_database(path).dispose()
    engine = open_database(path, access=Access.READ)
    with pytest.raises(DatabaseReadOnly):
        start_run(engine)
    engine.dispose()


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    for access in (Access.READ, Access.WRITE):
        with pytest.raises(DatabaseUnreachable, match="no database"):
            open_database(tmp_path / "missing.db", access=access)
    assert list(tmp_path.iterdir()) == [], "asking must not create"
    with pytest.raises(DatabaseUnreachable, match="no folder"):
        open_database(tmp_path / "missing" / "site.db")
    with pytest.raises(DatabaseUnreachable, match="is a folder"):
        open_database(tmp_path)


def test_odd_names_are_plain_paths(tmp_path: Path) -> None:
    for name in ("a b.db", "100%.db", "what?.db", "hash#.db", "mode=ro&x.db", "ü.db"):
        open_database(tmp_path / name).dispose()
        assert (tmp_path / name).is_file()


@pytest.mark.parametrize("content", [b"GIF89a not a database at all", _noise(20_000)])
def test_file_that_is_no_database(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for access in Access:
        with pytest.raises(NotADatabase, match="no SQLite database, or a damaged one"):
            open_database(path, access=access)
    assert path.read_bytes() == content


def test_damaged_file(path: Path) -> None:
    engine = open_database(path)
    write(engine, start_run(engine), walk(3000))
    engine.dispose()
    content = bytearray(path.read_bytes())
    content[4096:] = _noise(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(NotADatabase, match="damaged"):
        list(TrackRepository(open_database(path)).summaries())


def test_full_disk_keeps_what_was_written(path: Path) -> None:
    process = python(_WRITES_WITHOUT_END, path, limit_bytes=600_000)
    output, _ = process.communicate(timeout=60)
    assert output.split() == ["writing", "DiskFull"]
    assert check_whole_batches(path) >= 10 * _BATCH_ROWS
    engine = open_database(path)
    (run,) = RunRepository(engine).list()
    assert run.status is RunStatus.INCOMPLETE
    assert run.reason is not None
    assert "no space left" in run.reason
    engine.dispose()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one MiB."""
    with small_disk(tmp_path / "disk", "1m") as made:
        yield made


def test_small_disk_keeps_what_was_written(disk: Path) -> None:
    path = disk / "site.db"
    output, _ = python(_WRITES_WITHOUT_END, path).communicate(timeout=60)
    assert output.split() == ["writing", "DiskFull"]
    assert _status_of_the_run(path) is RunStatus.INCOMPLETE
    assert check_whole_batches(path) >= 10 * _BATCH_ROWS


def test_run_is_marked_incomplete_when_others_filled_the_disk(disk: Path) -> None:
    path = disk / "site.db"
    engine = open_database(path)
    run_id = start_run(engine)
    fill(disk)
    with pytest.raises(DiskFull):
        write(engine, run_id, [batch(0, [1])])
    RunRepository(engine).finish(run_id, RunStatus.INCOMPLETE, {"gate": FrameCounts(1, 1)}, "no space left")
    engine.dispose()
    assert _status_of_the_run(path) is RunStatus.INCOMPLETE


@pytest.mark.parametrize("left_bytes", [0, RESERVE_BYTES])
def test_run_does_not_begin_on_a_full_disk(disk: Path, left_bytes: int) -> None:
    engine = open_database(disk / "site.db")
    start_run(engine)
    fill(disk, left_bytes)
    with pytest.raises(DiskFull):
        start_run(engine)
    assert [run.run_id for run in RunRepository(engine).list()] == [1]
    assert [path.name for path in disk.glob("*-reserve-*")] == ["site.db-reserve-1"]
    engine.dispose()


def test_live_writer_waits_for_room_on_a_full_disk(disk: Path) -> None:
    settings = StorageSettings(live_write_interval_s=0.01, retry_longest_s=0.1)
    path = disk / "site.db"
    engine = open_database(path)
    run_id = start_run(engine)
    writer = ObservationWriter.live(engine, run_id, settings)
    batches = walk(2000)
    for one in batches[:200]:
        writer.put(one)
    writer.flush()
    fill(disk)
    for one in batches[200:]:
        writer.put(one)
    deadline = time.monotonic() + 30
    while writer.failing_since is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.3)
    assert "no space left" in writer.last_error
    assert writer.queued_rows > 0
    (disk / "theirs").unlink()
    assert writer.close(30) == 0
    assert sum(track.observations for track in TrackRepository(engine).summaries(run_id)) == 6000
    engine.dispose()
    assert check_whole_batches(path) == 6000


_WAITS_FOR_ROOM = """
import resource, sys, time
from config.sections.storage import StorageSettings
from storage.engine import open_database
from storage.writer import ObservationWriter
from tests.observations import start_run, walk

engine = open_database(sys.argv[1])
run_id = start_run(engine)
settings = StorageSettings(live_write_interval_s=0.01, retry_longest_s=0.1)
writer = ObservationWriter.live(engine, run_id, settings)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
for one in walk(3000):
    writer.put(one)
while writer.failing_since is None:
    time.sleep(0.01)
print(writer.last_error, flush=True)
time.sleep(0.5)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(writer.close(60), writer.committed_rows)
"""


def test_live_writer_waits_until_its_files_may_grow(path: Path) -> None:
    output, _ = python(_WAITS_FOR_ROOM, path).communicate(timeout=60)
    error, numbers = output.splitlines()
    assert "no space left" in error
    assert numbers == "0 9000"
    assert check_whole_batches(path) == 9000


def _status_of_the_run(path: Path) -> RunStatus:
    engine = open_database(path, access=Access.READ)
    (run,) = RunRepository(engine).list()
    engine.dispose()
    return run.status


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.2])
def test_killed_process_leaves_whole_batches_and_a_run_that_can_be_recovered(
    path: Path, after_s: float
) -> None:
    process = python(_WRITES_WITHOUT_END, path)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    engine = open_database(path)
    runs = RunRepository(engine)
    assert [run.status for run in runs.list()] == [RunStatus.RUNNING]
    assert runs.mark_abandoned() == [1]
    assert runs.get(1).status is RunStatus.INCOMPLETE
    assert not list(path.parent.glob("*-reserve-*")), "the room that the run kept is free again"
    engine.dispose()
    check_whole_batches(path)
