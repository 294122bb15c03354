"""The writer thread: whole batches, in order, with back-pressure, and failures that are told once."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import delete, select

from config.errors import RecordNotFound, StorageError
from config.sections.storage import StorageSettings
from storage.content import content_digest
from storage.records import ObservationOrigin
from storage.repositories.tracks import TrackRepository
from storage.schema import CameraRow, RunRow, TrackRow
from storage.writer import ObservationWriter
from tests.observations import FRAME, START, batch, start_run, walk, write

if TYPE_CHECKING:
    from sqlalchemy import Engine

_SLOW = StorageSettings(write_interval_s=3600)  # commits only when it must


def stored(engine: Engine, run_id: int) -> int:
    return sum(1 for _ in TrackRepository(engine).iter_observations(run_id, "gate"))


def test_what_is_put_is_read_back(engine: Engine) -> None:
    run_id = start_run(engine)
    batches = walk(300)
    write(engine, run_id, batches)
    read = list(TrackRepository(engine).iter_observations(run_id, "gate"))
    expected = [(one.frame_index, number) for one in batches for number in one.track_number.tolist()]
    assert [(row.frame_index, row.number) for row in read] == expected
    assert np.array_equal(
        np.array([row.xyxy for row in read], np.float32), np.concatenate([one.xyxy for one in batches])
    )
    assert {row.media_time.utcoffset() for row in read} == {START.utcoffset()}
    assert all(row.media_time == START + row.frame_index * FRAME for row in read)


def test_track_keeps_its_extent_and_counts(engine: Engine) -> None:
    run_id = start_run(engine)
    with ObservationWriter(engine, run_id) as writer:
        for frame in (10, 11, 14):
            writer.put(batch(frame, [5]))
        writer.flush()
        for frame in (8, 9):
            writer.put(batch(frame, [5], origin=ObservationOrigin.BACKFILLED))
        writer.flush()
        for frame in (12, 13):
            writer.put(batch(frame, [5], origin=ObservationOrigin.INTERPOLATED))
    (track,) = TrackRepository(engine).summaries(run_id)
    assert (track.first_frame, track.last_frame) == (8, 14)
    assert (track.first_at, track.last_at) == (START + 8 * FRAME, START + 14 * FRAME)
    assert (track.observations, track.interpolated) == (7, 2)


def test_second_writer_goes_on_with_the_tracks_of_the_first(engine: Engine) -> None:
    run_id = start_run(engine)
    write(engine, run_id, [batch(0, [1, 2]), batch(2, [1, 2])])
    write(engine, run_id, [batch(1, [2], origin=ObservationOrigin.INTERPOLATED)])
    tracks = {track.number: track for track in TrackRepository(engine).summaries(run_id)}
    assert {number: track.observations for number, track in tracks.items()} == {1: 2, 2: 3}


def test_same_numbers_of_other_cameras_are_other_tracks(engine: Engine) -> None:
    run_id = start_run(engine, "gate", "dock")
    write(engine, run_id, [batch(0, [1, 2]), batch(0, [1], camera="dock")])
    tracks = [(track.camera_id, track.number) for track in TrackRepository(engine).summaries(run_id)]
    assert tracks == [("dock", 1), ("gate", 1), ("gate", 2)]


@pytest.mark.parametrize("rows", [1, 7, 100_000])
def test_ids_do_not_depend_on_how_rows_are_batched(engine: Engine, rows: int) -> None:
    run_id = start_run(engine, "gate", "dock")
    both = [one for pair in zip(walk(60), walk(60, camera="dock"), strict=True) for one in pair]
    write(engine, run_id, both, StorageSettings(write_batch_rows=rows))
    with engine.connect() as connection:
        ids = connection.execute(
            select(CameraRow.name, TrackRow.number)
            .join(CameraRow, CameraRow.id == TrackRow.camera_id)
            .order_by(TrackRow.id)
        ).all()
    seen = dict.fromkeys((one.camera_id, number) for one in both for number in one.track_number.tolist())
    assert [tuple(row) for row in ids] == list(seen)


def test_flush_commits(engine: Engine) -> None:
    run_id = start_run(engine)
    with ObservationWriter(engine, run_id, _SLOW) as writer:
        writer.put(batch(0, [1, 2, 3]))
        writer.flush()
        assert stored(engine, run_id) == 3


def test_interval_commits_without_being_asked(engine: Engine) -> None:
    run_id = start_run(engine)
    with ObservationWriter(engine, run_id, StorageSettings(write_interval_s=0.05)) as writer:
        writer.put(batch(0, [1, 2, 3]))
        waited = threading.Event()
        for _ in range(200):
            if stored(engine, run_id) == 3:
                break
            waited.wait(0.05)
        assert stored(engine, run_id) == 3


def test_close_drains_and_can_be_repeated(engine: Engine) -> None:
    run_id = start_run(engine)
    writer = ObservationWriter(engine, run_id, _SLOW)
    for one in walk(100):
        writer.put(one)
    writer.close()
    writer.close()
    assert stored(engine, run_id) == 300
    with pytest.raises(ValueError, match="closed"):
        writer.put(batch(100, [1]))


def test_error_of_the_caller_still_writes_what_was_put_before_it(engine: Engine) -> None:
    run_id = start_run(engine)

    def fail_halfway() -> None:
        with ObservationWriter(engine, run_id, _SLOW) as writer:
            writer.put(batch(0, [1]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert stored(engine, run_id) == 1


def test_frames_without_tracks_write_nothing(engine: Engine) -> None:
    run_id = start_run(engine)
    write(engine, run_id, [batch(0, []), batch(1, [])])
    assert stored(engine, run_id) == 0


def test_camera_that_was_not_declared_is_refused(engine: Engine) -> None:
    run_id = start_run(engine)
    with (
        ObservationWriter(engine, run_id) as writer,
        pytest.raises(RecordNotFound, match="not started with camera 'dock'"),
    ):
        writer.put(batch(0, [1], camera="dock"))
    with pytest.raises(RecordNotFound, match="no run 99"):
        ObservationWriter(engine, 99)


def test_failure_is_told_once_and_earlier_batches_stay(engine: Engine) -> None:
    run_id = start_run(engine)
    writer = ObservationWriter(engine, run_id)
    writer.put(batch(0, [1, 2]))
    writer.flush()
    writer.put(batch(1, [1, 2]))
    writer.put(batch(1, [2]))  # twice in one frame
    with pytest.raises(StorageError, match="refused"):
        writer.flush()
    with pytest.raises(ValueError, match="closed"):
        writer.put(batch(2, [1]))
    writer.close()
    assert stored(engine, run_id) == 2


def test_run_that_is_deleted_while_it_writes_fails_clearly(engine: Engine) -> None:
    run_id = start_run(engine)
    writer = ObservationWriter(engine, run_id)
    with engine.begin() as connection:
        connection.execute(delete(RunRow).where(RunRow.id == run_id))
    writer.put(batch(0, [1]))
    with pytest.raises(StorageError):
        writer.close()


def test_put_waits_while_the_database_is_busy_and_loses_nothing(engine: Engine) -> None:
    settings = StorageSettings(queue_rows=30, write_batch_rows=10, lock_timeout_s=60)
    run_id = start_run(engine)
    batches = walk(40)
    accepted: list[int] = []
    writer = ObservationWriter(engine, run_id, settings)

    def produce() -> None:
        for one in batches:
            writer.put(one)
            accepted.append(len(one))

    producer = threading.Thread(target=produce)
    with engine.begin() as blocker:
        blocker.execute(select(TrackRow.id).with_for_update())
        blocker.exec_driver_sql("CREATE TABLE in_the_way (id INTEGER)")
        if engine.dialect.name == "postgresql":
            blocker.exec_driver_sql("LOCK TABLE tracks IN ACCESS EXCLUSIVE MODE")
        producer.start()
        producer.join(0.5)
        assert producer.is_alive(), "put must wait"
        assert sum(accepted) <= settings.queue_rows
    producer.join(60)
    writer.close()
    assert stored(engine, run_id) == sum(map(len, batches))


def test_content_is_the_same_whatever_the_batches(engine: Engine) -> None:
    digests = []
    for rows in (1, 13, 20_000):
        run_id = start_run(engine)
        write(engine, run_id, walk(80), StorageSettings(write_batch_rows=rows))
        digests.append(content_digest(engine, run_id))
    assert all(first == second for first, second in pairwise(digests))
    write(engine, run_id, [batch(80, [1])])
    assert content_digest(engine, run_id) != digests[0]
