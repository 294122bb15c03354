"""The database is locked, killed, full or away while cameras are watched: they do not feel it, and nothing is lost."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from storage.engine import open_database
from storage.records import RunStatus
from storage.repositories.runs import RunRepository
from tests.daemons import RunningDaemon, running_daemon, runs_of
from tests.postgresql import PostgresqlServer
from tests.small_disks import fill, small_disk
from tests.stored_rows import check_ended_well, check_stored, longest_hole_s

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

RETRY_LONGEST_S = 1.0
LOCKED_S = 20.0
STOP_S = 10.0
_PATIENT: dict[str, Any] = {"storage": {"lock_timeout_s": 1.0, "retry_longest_s": RETRY_LONGEST_S}}
_SEEN_AGAIN_S = 1.0
"""When the recording begins anew its walkers jump, and are new tracks, which are believed after three frames."""


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgresqlServer]:
    """A server that these tests may kill."""
    with PostgresqlServer() as server:
        yield server


def cameras(walk: Path, count: int = 2) -> list[dict[str, Any]]:
    return [{"id": f"camera-{number}", "source": str(walk)} for number in range(count)]


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process writes, and does not come to an end."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def wait_for_rows(daemon: RunningDaemon, *, away: Collection[str] = ()) -> dict[str, int]:
    """Until the database is written and every camera but those away is open; what the daemon holds then."""
    daemon.wait(lambda: daemon.figures().committed_rows > 40, 30)
    daemon.wait_until_processing(*(name for name in daemon.processed() if name not in away))
    return daemon.held()


def check_recovery(daemon: RunningDaemon, database: Path | str, held: Mapping[str, int]) -> None:
    """Soon all that waited is written, nothing is missing or there twice at the end, and no more is held than before."""

    def is_well() -> bool:
        figures = daemon.figures()
        return figures.database_failing_s == 0 and figures.queued_rows < 20

    daemon.wait(is_well, 5 + RETRY_LONGEST_S)
    daemon.check_held(held)
    put = (now := daemon.figures()).committed_rows + now.queued_rows
    daemon.stop()
    assert not daemon.log("rows not written")
    check_ended_well(database)
    assert check_stored(database) >= put
    for name in now.cameras:
        assert longest_hole_s(database, name) < _SEEN_AGAIN_S


def check_failing(daemon: RunningDaemon) -> None:
    """The metrics tell that nothing is written, and how much waits."""
    daemon.wait(lambda: daemon.figures().database_failing_s > 0, 10)
    assert daemon.figures().queued_rows > 0


def test_a_lock_of_20_seconds_is_not_felt(tmp_path: Path, walk: Path) -> None:
    with running_daemon(tmp_path, cameras(walk, 3), **_PATIENT) as daemon:
        held = wait_for_rows(daemon)
        names = sorted(daemon.processed())
        with locked(daemon.database):
            began = time.monotonic()
            check_failing(daemon)
            daemon.check_rates(*names)
            time.sleep(max(0.0, LOCKED_S - (time.monotonic() - began)))
            figures = daemon.figures()
            assert figures.database_failing_s > LOCKED_S / 2
            assert figures.queued_rows > 100
        check_recovery(daemon, daemon.database, held)


@pytest.mark.postgresql
def test_postgresql_killed_and_restarted(tmp_path: Path, walk: Path, postgresql: PostgresqlServer) -> None:
    url = postgresql.new_database()
    with running_daemon(tmp_path, cameras(walk), arguments=("--database", url), **_PATIENT) as daemon:
        held = wait_for_rows(daemon)
        names = sorted(daemon.processed())
        postgresql.kill()
        check_failing(daemon)
        daemon.check_rates(*names)
        postgresql.restart()
        check_recovery(daemon, url, held)
    assert postgresql.password not in (tmp_path / "log").read_text(encoding="utf-8")


def test_a_full_disk_that_is_freed(tmp_path: Path, walk: Path) -> None:
    with (
        small_disk(tmp_path / "state", "4m") as disk,
        running_daemon(tmp_path, cameras(walk), **_PATIENT) as daemon,
    ):
        held = wait_for_rows(daemon)
        theirs = fill(disk)
        daemon.wait(lambda: daemon.figures().database_failing_s > 3, 60)
        check_failing(daemon)
        theirs.unlink()
        check_recovery(daemon, daemon.database, held)


def test_stopped_on_a_full_disk(tmp_path: Path, walk: Path) -> None:
    """There is no room for the rows, but for how the run ended, and for the end of what was the matter."""
    sections: dict[str, Any] = {
        **_PATIENT,
        "health": {"begin_after_s": 0.5},
        "supervisor": {"drain_timeout_s": 3.0},
    }
    gone = {"id": "gone", "source": str(tmp_path / "no.mp4")}
    with (
        small_disk(tmp_path / "state", "4m") as disk,
        running_daemon(tmp_path, [*cameras(walk), gone], **sections) as daemon,
    ):
        wait_for_rows(daemon, away=["gone"])
        daemon.wait(lambda: daemon.figures().cameras["gone"].faults, 10)
        fill(disk)
        daemon.wait(lambda: daemon.figures().database_failing_s > 1, 60)
        daemon.stop()
        (lost,) = daemon.log("rows not written")
        (run,) = daemon.runs()
        assert run.status is RunStatus.INCOMPLETE
        assert run.reason is not None
        assert run.reason.startswith(f"{lost['rows']} rows could not be written: no space left")
        assert not list(disk.glob("*-reserve-*"))
        check_stored(daemon.database)


@pytest.mark.postgresql
def test_the_database_is_away_at_the_start(tmp_path: Path, walk: Path, postgresql: PostgresqlServer) -> None:
    """One clear line and a status that systemd's unit answers with another start."""
    url = postgresql.new_database()
    postgresql.kill()
    try:
        with running_daemon(tmp_path, cameras(walk), arguments=("--database", url)) as daemon:
            assert daemon.process.wait(30) == 45
    finally:
        postgresql.restart()
    (line,) = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert "cannot be reached" in line
    assert f"127.0.0.1:{postgresql.port}" in line
    assert postgresql.password not in line
    with running_daemon(tmp_path, cameras(walk), arguments=("--database", url)) as daemon:
        wait_for_rows(daemon)
        daemon.stop()
    check_ended_well(url)


def test_stopped_while_locked_for_ever(tmp_path: Path, walk: Path) -> None:
    """With the default patience of ten seconds for a lock, which is longer than stopping may take."""
    with running_daemon(tmp_path, cameras(walk)) as daemon:
        wait_for_rows(daemon)
        committed = daemon.figures().committed_rows
        with locked(daemon.database):
            daemon.wait(lambda: daemon.figures().queued_rows > 40, 10)
            began = time.monotonic()
            daemon.process.terminate()
            assert daemon.process.wait(30) == 40
            assert time.monotonic() - began < STOP_S
        (lost,) = daemon.log("rows not written")
        assert lost["rows"] > 40
        assert lost["reason"]
        assert "is locked by another process" in daemon.log("run not ended")[0]["reason"]
        assert "is locked by another process" in daemon.tail().splitlines()[-1]
    with running_daemon(tmp_path, cameras(walk)) as daemon:
        daemon.wait(lambda: len(daemon.runs()) == 2, 20)
        assert daemon.runs()[0].status is RunStatus.INCOMPLETE
        assert check_stored(daemon.database) >= committed
        assert daemon.stop() < 4  # though it has hardly begun: nothing is waited for that cannot come


def test_stopped_while_the_run_cannot_begin(tmp_path: Path, walk: Path) -> None:
    database = tmp_path / "state" / "sitewatch.db"
    database.parent.mkdir(parents=True)
    open_database(database).dispose()
    hasty: dict[str, Any] = {"supervisor": {"drain_timeout_s": 2.0}}
    with locked(database), running_daemon(tmp_path, cameras(walk), **hasty) as daemon:
        daemon.wait(lambda: daemon.log("ready"), 30)
        began = time.monotonic()
        daemon.process.terminate()
        status = daemon.process.wait(30)
        assert time.monotonic() - began < 2 + 2
        assert status in {40, 45}  # refused, or without an answer
    assert runs_of(database) == []


@pytest.mark.postgresql
def test_stopped_while_the_server_is_away(tmp_path: Path, walk: Path, postgresql: PostgresqlServer) -> None:
    url = postgresql.new_database()
    hasty: dict[str, Any] = {**_PATIENT, "supervisor": {"drain_timeout_s": 3.0}}
    with running_daemon(tmp_path, cameras(walk), arguments=("--database", url), **hasty) as daemon:
        wait_for_rows(daemon)
        postgresql.kill()
        check_failing(daemon)
        began = time.monotonic()
        daemon.process.terminate()
        assert daemon.process.wait(30) == 45
        assert time.monotonic() - began < 3 + 2
        assert daemon.log("rows not written")[0]["rows"] > 0
        postgresql.restart()
    assert runs_of(url)[-1].status is not RunStatus.COMPLETE
    check_stored(url)


def test_a_run_that_could_not_begin_begins_later(tmp_path: Path, walk: Path) -> None:
    database = tmp_path / "state" / "sitewatch.db"
    database.parent.mkdir(parents=True)
    open_database(database).dispose()
    with running_daemon(tmp_path, cameras(walk), **_PATIENT) as daemon:
        with locked(database):
            daemon.wait(lambda: daemon.log("run not put down yet"), 30)
            assert not any(daemon.processed().values())
        wait_for_rows(daemon)
        daemon.stop()
    check_ended_well(database)


def test_the_run_is_deleted_while_it_goes_on(tmp_path: Path, walk: Path) -> None:
    """What no waiting mends ends the daemon at once, in order and with the reason; started again it works."""
    with running_daemon(tmp_path, cameras(walk)) as daemon:
        wait_for_rows(daemon)
        engine = open_database(daemon.database)
        RunRepository(engine).delete(1)
        engine.dispose()
        assert daemon.process.wait(STOP_S) == 47
        assert daemon.tail().splitlines()[-1] == "sitewatch: run 1 was deleted while it went on"
        assert daemon.log("rows not written")[0]["rows"] > 0
        for frames in daemon.log("frames"):
            assert frames["in_flight"] == 0
            assert frames["captured"] == frames["processed"] + sum(frames["dropped"].values())
    with running_daemon(tmp_path, cameras(walk)) as daemon:
        daemon.wait(lambda: len(daemon.log("starting")) == 2, 20)  # both write to one log
        wait_for_rows(daemon)
        daemon.stop()
    check_ended_well(daemon.database)


def test_cameras_join_while_the_run_cannot_begin(tmp_path: Path, walk: Path) -> None:
    """One that was added while the database was locked is part of the run as well."""
    database = tmp_path / "state" / "sitewatch.db"
    database.parent.mkdir(parents=True)
    open_database(database).dispose()
    with running_daemon(tmp_path, cameras(walk, 1), **_PATIENT) as daemon:
        with locked(database):
            daemon.wait(lambda: daemon.log("run not put down yet"), 30)
            daemon.configure(cameras(walk, 2), **_PATIENT)
            daemon.reload()
        daemon.wait_until_processing("camera-0", "camera-1")
        daemon.stop()
    assert set(daemon.runs()[-1].frames) == {"camera-0", "camera-1"}
    check_ended_well(database)
