"""The daemon's writer: what can pass does not stop it, nothing is lost or doubled, and it tells how it is."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, func, select, update

from config.errors import RecordNotFound, StorageError
from config.sections.storage import StorageSettings
from storage.content import content_digest
from storage.engine import open_database
from storage.records import CameraEventBegin, FrameCounts
from storage.repositories.camera_events import CameraEventRepository
from storage.repositories.runs import RunRepository
from storage.repositories.tracks import TrackRepository
from storage.schema import RunRow, TrackRow, WriterRow
from storage.writer import ObservationWriter
from tests.broken_commits import Break, broken_commits
from tests.observations import START, batch, revision, start_run, walk, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from storage.records import ObservationBatch

_QUICK = StorageSettings(
    live_write_interval_s=0.005, retry_longest_s=0.05, write_batch_rows=60, lock_timeout_s=0.1
)


@pytest.fixture
def engine(empty_database: str) -> Iterator[Engine]:
    """Statements wait a tenth of a second for a lock."""
    opened = open_database(empty_database, _QUICK)
    yield opened
    opened.dispose()


def lock(connection: Connection) -> None:
    """Keep all others from writing tracks until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE tracks IN ACCESS EXCLUSIVE MODE")
    else:
        connection.exec_driver_sql("SELECT 1")  # the transaction began with the lock


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def rows_of(engine: Engine, run_id: int) -> int:
    return sum(track.observations for track in TrackRepository(engine).summaries(run_id))


def test_database_that_is_locked_for_long_loses_nothing(engine: Engine) -> None:
    run_id, undisturbed = start_run(engine), start_run(engine)
    batches = walk(400)
    told: list[ObservationBatch] = []
    began = time.monotonic()
    writer = ObservationWriter.live(engine, run_id, _QUICK, lambda committed, _: told.extend(committed))
    assert (writer.failing_since, writer.last_error) == (None, "")
    for one in batches[:100]:
        writer.put(one)
    with engine.begin() as other:
        lock(other)
        for one in batches[100:]:
            writer.put(one)
        wait_for(lambda: writer.failing_since is not None)
        time.sleep(0.6)  # some tries more
        assert writer.failing_since is not None
        assert began <= writer.failing_since <= time.monotonic() - 0.6
        assert "locked by another process" in writer.last_error
        assert 0 < writer.queued_rows == 1200 - writer.committed_rows
    assert writer.close(30) == 0
    assert writer.failing_since is None
    assert (writer.committed_rows, writer.queued_rows) == (1200, 0)
    assert [one.frame_index for one in told] == list(range(400)), "each commit is told once, in order"
    write(engine, undisturbed, batches)
    assert content_digest(engine, run_id) == content_digest(engine, undisturbed)


def test_full_queue_says_so_at_once_and_makes_put_wait(engine: Engine) -> None:
    run_id = start_run(engine)
    settings = _QUICK.model_copy(update={"queue_rows": 10})
    writer = ObservationWriter.live(engine, run_id, settings)
    with engine.begin() as other:
        lock(other)
        assert writer.has_room(10)
        assert writer.try_put(batch(0, [1, 2, 3, 4]))
        assert writer.try_put(batch(1, [1, 2, 3, 4]))
        assert not writer.try_put(batch(2, [1, 2, 3]))
        assert (writer.has_room(2), writer.has_room(3)) == (True, False)
        assert writer.try_put(CameraEventBegin("gate", "frozen", START))
        assert writer.queued_rows == 9
        assert writer.try_put(batch(2, [])), "nothing needs no room"
        waiting = threading.Thread(target=writer.put, args=[batch(2, [1, 2, 3])])
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join(30)
    assert writer.close(30) == 0
    assert rows_of(engine, run_id) == 11
    with pytest.raises(ValueError, match="try_put on a closed"):
        writer.try_put(batch(3, [1]))


def test_deadline_says_how_much_was_not_written_and_nothing_is_written_later(engine: Engine) -> None:
    run_id = start_run(engine)
    writer = ObservationWriter.live(engine, run_id, _QUICK)
    for one in walk(10):
        writer.put(one)
    writer.flush()
    with engine.begin() as other:
        lock(other)
        for one in walk(100)[10:]:
            writer.put(one)
        began = time.monotonic()
        assert writer.close(0.3) == 270
        assert 0.3 <= time.monotonic() - began < 1
        assert writer.close(0) == 270, "closing twice is harmless"
        writer._thread.join(30)
        assert not writer._thread.is_alive()
    assert "locked" in writer.last_error
    assert rows_of(engine, run_id) == 30
    write(engine, run_id, walk(100)[10:])
    assert rows_of(engine, run_id) == 300


def test_what_cannot_pass_still_ends_it(engine: Engine) -> None:
    run_id = start_run(engine)
    writer = ObservationWriter.live(engine, run_id, _QUICK)
    writer.put(batch(0, [1, 2]))
    writer.flush()
    writer.put(batch(1, [1]))
    writer.put(batch(1, [1]))
    with pytest.raises(StorageError, match="refused"):
        writer.close(30)
    assert writer.failing_since is not None
    assert "refused" in writer.last_error
    assert (rows_of(engine, run_id), writer.queued_rows) == (2, 2)


@pytest.mark.parametrize("where", [Break.AMID, Break.BEFORE_COMMIT, Break.AFTER_COMMIT])
def test_broken_transaction_is_written_once(engine: Engine, where: Break) -> None:
    """Tracks that were made in a transaction that was rolled back are made again, not remembered."""
    run_id, undisturbed = start_run(engine), start_run(engine)
    batches = walk(30, stay=5)
    with ObservationWriter(engine, undisturbed) as calm:
        for one in batches:
            calm.put(one)
        calm.revise(revision(2, [0, 1]))
    writer = ObservationWriter.live(engine, run_id, _QUICK)
    with broken_commits(engine, [where, where, Break.NOWHERE, where]) as happened:
        for one in batches:
            writer.put(one)
            writer.flush()
        writer.revise(revision(2, [0, 1]))
        assert writer.close(30) == 0
    assert happened == [where] * 3 or (where is Break.AFTER_COMMIT and len(happened) >= 2)
    assert content_digest(engine, run_id) == content_digest(engine, undisturbed)
    with engine.connect() as connection:
        of_run = select(TrackRow.number).where(TrackRow.run_id == run_id).order_by(TrackRow.id)
        assert connection.execute(of_run).scalars().all() == list(range(1, 9)), (
            "ids in the order of appearance"
        )


def test_replay_leaves_no_mark(engine: Engine) -> None:
    write(engine, start_run(engine), walk(3))
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(WriterRow)).scalar_one() == 0


@pytest.mark.parametrize("committed", [0, 7])
def test_database_that_was_set_back_ends_it(engine: Engine, committed: int) -> None:
    run_id = start_run(engine)
    writer = ObservationWriter.live(engine, run_id, _QUICK)
    for frame in range(3):
        writer.put(batch(frame, [1]))
        writer.flush()
    with engine.begin() as connection:
        connection.execute(update(WriterRow).values(committed=committed))
    writer.put(batch(3, [1]))
    with pytest.raises(StorageError, match="set back to an older state"):
        writer.close(30)


def test_run_that_is_deleted_ends_it(engine: Engine) -> None:
    run_id = start_run(engine)
    writer = ObservationWriter.live(engine, run_id, _QUICK)
    with engine.begin() as connection:
        connection.execute(delete(RunRow).where(RunRow.id == run_id))
    writer.put(batch(0, [1]))
    with pytest.raises(RecordNotFound, match="was deleted"):
        writer.close(30)


def test_two_writers_of_a_run_do_not_disturb_each_other(engine: Engine) -> None:
    run_id = start_run(engine, "gate", "dock")
    first = ObservationWriter.live(engine, run_id, _QUICK)
    second = ObservationWriter.live(engine, run_id, _QUICK)
    for at_gate, at_dock in zip(walk(50), walk(50, camera="dock"), strict=True):
        first.put(at_gate)
        second.put(at_dock)
    assert (first.close(30), second.close(30)) == (0, 0)
    assert rows_of(engine, run_id) == 300


def test_camera_joins_a_run(engine: Engine) -> None:
    run_id = start_run(engine)
    runs = RunRepository(engine)
    writer = ObservationWriter.live(engine, run_id, _QUICK)
    writer.put(batch(0, [1]))
    with pytest.raises(RecordNotFound, match="dock"):
        writer.put(batch(0, [1], camera="dock"))
    runs.record_frames(run_id, {"gate": FrameCounts(5, 5)})
    runs.add_cameras(run_id, {"dock": "rtsp://dock/1", "gate": "rtsp://gate/2"})
    writer.add_cameras()
    writer.put(batch(1, [1], camera="dock"))
    writer.record(CameraEventBegin("dock", "offline", START))
    writer.put(batch(1, [1]))
    assert writer.close(30) == 0
    assert runs.get(run_id).frames == {"dock": FrameCounts(), "gate": FrameCounts(5, 5)}, "counts are kept"
    assert rows_of(engine, run_id) == 3
    assert [event.camera_id for event in CameraEventRepository(engine).list(run_id)] == ["dock"]
    with pytest.raises(RecordNotFound, match="no run 99"):
        runs.add_cameras(99, {"dock": "rtsp://dock/1"})
