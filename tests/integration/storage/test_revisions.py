"""Positions that were written are replaced: in the order of the calls, whole, and never silently ignored."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import delete, select

from config.errors import RecordNotFound, StorageError
from config.sections.storage import StorageSettings
from storage.content import content_digest
from storage.records import ObservationBatch, ObservationOrigin, foot_points
from storage.repositories.tracks import TrackRepository
from storage.schema import ObservationRow, RunRow, TrackRow
from storage.writer import ObservationWriter
from tests.observations import batch, revision, start_run, walk, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Engine

    from storage.records import TrackRevision

_SLOW = StorageSettings(write_interval_s=3600)  # commits only when it must
_EVERYTHING_AT_ONCE = StorageSettings(write_interval_s=3600, write_batch_rows=100_000, queue_rows=100_000)


def revise(
    engine: Engine,
    run_id: int,
    steps: Iterable[ObservationBatch | TrackRevision],
    settings: StorageSettings | None = None,
) -> None:
    """Give a writer observations and revisions in that order."""
    with ObservationWriter(engine, run_id, settings) as writer:
        for step in steps:
            if isinstance(step, ObservationBatch):
                writer.put(step)
            else:
                writer.revise(step)


def boxes(engine: Engine, run_id: int, number: int, camera: str = "gate") -> NDArray[np.float32]:
    """(N, 4) positions of a track in the order of its frames."""
    rows = TrackRepository(engine).iter_observations(run_id, camera)
    return np.array([row.xyxy for row in rows if row.number == number], np.float32)


def test_revised_boxes_and_foot_points_are_read_back(engine: Engine) -> None:
    run_id = start_run(engine)
    write(engine, run_id, walk(20))
    before = list(TrackRepository(engine).iter_observations(run_id, "gate"))
    changed = revision(2, [3, 4, 7])
    revise(engine, run_id, [changed])
    expected = {frame: tuple(box) for frame, box in zip([3, 4, 7], changed.xyxy.tolist(), strict=True)}
    after = list(TrackRepository(engine).iter_observations(run_id, "gate"))
    for old, new in zip(before, after, strict=True):
        moved = new.number == 2 and new.frame_index in expected
        assert new.xyxy == (expected[new.frame_index] if moved else old.xyxy)
        assert (new.score, new.origin, new.media_time) == (old.score, old.origin, old.media_time)
    with engine.connect() as connection:
        feet = connection.execute(
            select(ObservationRow.foot_x_px, ObservationRow.foot_y_px)
            .join(TrackRow, TrackRow.id == ObservationRow.track_id)
            .where(TrackRow.number == 2, ObservationRow.frame_index.in_([3, 4, 7]))
            .order_by(ObservationRow.frame_index)
        ).all()
    assert np.array_equal(np.array([tuple(foot) for foot in feet], np.float32), foot_points(changed.xyxy))


def test_what_is_known_of_a_track_stays(engine: Engine) -> None:
    run_id = start_run(engine)
    write(engine, run_id, [batch(0, [1]), batch(1, [1], origin=ObservationOrigin.INTERPOLATED)])
    before = list(TrackRepository(engine).summaries(run_id))
    revise(engine, run_id, [revision(1, [0, 1])])
    assert list(TrackRepository(engine).summaries(run_id)) == before
    (trajectory,) = TrackRepository(engine).iter_tracks(run_id)
    assert trajectory.origin == [ObservationOrigin.DETECTED, ObservationOrigin.INTERPOLATED]


@pytest.mark.parametrize("settings", [_EVERYTHING_AT_ONCE, StorageSettings(write_batch_rows=1)])
def test_order_of_the_calls_is_kept(engine: Engine, settings: StorageSettings) -> None:
    run_id = start_run(engine)
    revise(
        engine,
        run_id,
        [
            batch(0, [1, 2]),
            revision(1, [0], by=1),
            batch(1, [1, 2]),
            revision(1, [1], by=2),
            revision(1, [1, 0], by=3),
            revision(2, [0], by=4),
            revision(2, [0], by=5),
        ],
        settings,
    )
    assert np.array_equal(boxes(engine, run_id, 1), revision(1, [0, 1], by=3).xyxy)
    assert np.array_equal(boxes(engine, run_id, 2)[0], revision(2, [0], by=5).xyxy[0])


def test_position_that_comes_twice_in_a_revision_keeps_the_later(engine: Engine) -> None:
    run_id = start_run(engine)
    twice = revision(1, [0, 1, 0])
    twice.xyxy[2] += 9
    revise(engine, run_id, [batch(0, [1]), batch(1, [1]), twice])
    assert np.array_equal(boxes(engine, run_id, 1), twice.xyxy[[2, 1]])


@pytest.mark.parametrize("settings", [_EVERYTHING_AT_ONCE, StorageSettings(write_batch_rows=1)])
def test_observation_that_is_put_only_later_cannot_be_revised(
    engine: Engine, settings: StorageSettings
) -> None:
    run_id = start_run(engine)
    with pytest.raises(RecordNotFound, match="has no track 1 of camera 'gate'"):
        revise(engine, run_id, [revision(1, [0]), batch(0, [1])], settings)
    assert not list(TrackRepository(engine).iter_observations(run_id, "gate"))


def test_same_numbers_of_other_cameras_and_runs_are_other_tracks(engine: Engine) -> None:
    run_id, other = start_run(engine, "gate", "dock"), start_run(engine, "gate", "dock")
    for one in (run_id, other):
        write(engine, one, [batch(0, [1]), batch(0, [1], camera="dock")])
    revise(engine, run_id, [revision(1, [0], camera="dock")])
    assert np.array_equal(boxes(engine, run_id, 1, "dock"), revision(1, [0]).xyxy)
    for one, camera in [(run_id, "gate"), (other, "gate"), (other, "dock")]:
        assert np.array_equal(boxes(engine, one, 1, camera), batch(0, [1]).xyxy)


def test_unknown_track_is_an_error(engine: Engine) -> None:
    run_id, other = start_run(engine), start_run(engine)
    write(engine, other, [batch(0, [7])])
    with pytest.raises(RecordNotFound, match=f"run {run_id} has no track 7 of camera 'gate'"):
        revise(engine, run_id, [batch(0, [1]), revision(7, [0])])


@pytest.mark.parametrize(("frames", "late_us", "first"), [([1, 5, 2, 6], 0, 5), ([0, 1], 1, 0)])
def test_unknown_position_is_an_error_that_names_it(
    engine: Engine, frames: list[int], late_us: int, first: int
) -> None:
    run_id = start_run(engine)
    write(engine, run_id, [batch(frame, [1, 2]) for frame in range(4)])
    unknown = revision(1, frames)
    unknown.media_time_us[:] += late_us
    with pytest.raises(
        RecordNotFound,
        match=f"2 of {len(unknown)} positions .* track 1 of camera 'gate' .* first is frame {first} at",
    ):
        revise(engine, run_id, [revision(2, [0, 1]), unknown])
    for number in (1, 2):
        expected = np.concatenate([batch(frame, [number]).xyxy for frame in range(4)])
        assert np.array_equal(boxes(engine, run_id, number), expected), "nothing of the transaction stays"


def test_camera_that_was_not_declared_is_refused(engine: Engine) -> None:
    run_id = start_run(engine)
    with (
        ObservationWriter(engine, run_id) as writer,
        pytest.raises(RecordNotFound, match="not started with camera 'dock'"),
    ):
        writer.revise(revision(1, [0], camera="dock"))


def test_empty_revision_writes_nothing(engine: Engine) -> None:
    run_id = start_run(engine)
    revise(engine, run_id, [revision(1, [])])
    assert not list(TrackRepository(engine).summaries(run_id))


def test_failure_is_told_once_and_earlier_batches_stay(engine: Engine) -> None:
    run_id = start_run(engine)
    writer = ObservationWriter(engine, run_id)
    writer.put(batch(0, [1, 2]))
    writer.revise(revision(1, [0]))
    writer.flush()
    writer.revise(revision(2, [0]))
    writer.revise(revision(2, [1]))  # where it never was
    with pytest.raises(RecordNotFound, match="1 of 1 positions to revise of track 2"):
        writer.flush()
    with pytest.raises(ValueError, match="revise on a closed"):
        writer.revise(revision(1, [0]))
    with pytest.raises(ValueError, match="put on a closed"):
        writer.put(batch(2, [1]))
    writer.close()
    assert np.array_equal(boxes(engine, run_id, 1), revision(1, [0]).xyxy)


def test_run_that_is_deleted_while_it_is_revised_fails_clearly(engine: Engine) -> None:
    run_id = start_run(engine)
    writer = ObservationWriter(engine, run_id)
    writer.put(batch(0, [1]))
    writer.flush()
    with engine.begin() as connection:
        connection.execute(delete(RunRow).where(RunRow.id == run_id))
    writer.revise(revision(1, [0]))
    with pytest.raises(StorageError, match="not in the database"):
        writer.close()


def test_revise_waits_while_the_database_is_busy_and_loses_nothing(engine: Engine) -> None:
    settings = StorageSettings(queue_rows=30, write_batch_rows=10, lock_timeout_s=60)
    run_id = start_run(engine)
    frames = list(range(120))
    write(engine, run_id, [batch(frame, [1]) for frame in frames])
    accepted: list[int] = []
    writer = ObservationWriter(engine, run_id, settings)

    def produce() -> None:
        for start in frames[::3]:
            writer.revise(revision(1, frames[start : start + 3]))
            accepted.append(3)

    producer = threading.Thread(target=produce)
    with engine.begin() as blocker:
        blocker.execute(select(TrackRow.id).with_for_update())
        if engine.dialect.name == "postgresql":
            blocker.exec_driver_sql("LOCK TABLE observations IN ACCESS EXCLUSIVE MODE")
        producer.start()
        producer.join(0.5)
        assert producer.is_alive(), "revise must wait"
        assert sum(accepted) <= settings.queue_rows
    producer.join(60)
    writer.close()
    assert np.array_equal(boxes(engine, run_id, 1), revision(1, frames).xyxy)


@pytest.mark.parametrize("rows", [1, 13, 20_000])
def test_content_is_that_of_a_run_that_knew_better_at_once(engine: Engine, rows: int) -> None:
    numbers, frames = [1, 2, 3], list(range(30))
    revised, direct = start_run(engine), start_run(engine)
    steps: list[ObservationBatch | TrackRevision] = [batch(frame, numbers) for frame in frames]
    steps += [revision(number, frames) for number in numbers]
    revise(engine, revised, steps, StorageSettings(write_batch_rows=rows))
    write(engine, direct, [_moved(frame, numbers) for frame in frames])
    assert content_digest(engine, revised) == content_digest(engine, direct)


def _moved(frame: int, numbers: Sequence[int]) -> ObservationBatch:
    return ObservationBatch(
        camera_id="gate",
        frame_index=frame,
        media_time=batch(frame, numbers).media_time,
        track_number=np.array(numbers, np.int64),
        xyxy=np.concatenate([revision(number, [frame]).xyxy for number in numbers]),
        score=batch(frame, numbers).score,
        origin=ObservationOrigin.DETECTED,
    )
