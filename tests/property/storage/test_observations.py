"""Whatever is put, in whatever portions, is what is stored: no row lost, doubled or changed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import StorageError
from config.sections.storage import StorageSettings
from storage.engine import open_database
from storage.records import ObservationBatch, ObservationOrigin
from storage.repositories.tracks import TrackRepository
from storage.writer import ObservationWriter
from tests.observations import FRAME, START, batch, start_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

_PIXEL = st.floats(-1e6, 1e6, width=32)
_NUMBER = st.one_of(st.integers(0, 5), st.integers(0, 2**62))
_ROW = tuple[int, int, int, tuple[float, ...], float, ObservationOrigin]


@st.composite
def batches(draw: st.DrawFn) -> list[ObservationBatch]:
    """Frames that rise, each with some tracks; boxes of any float32."""
    frames = draw(st.lists(st.integers(0, 2**40), max_size=12, unique=True).map(sorted))
    made = []
    for frame in frames:
        numbers = draw(st.lists(_NUMBER, max_size=5, unique=True))
        boxes = draw(
            st.lists(st.tuples(_PIXEL, _PIXEL, _PIXEL, _PIXEL), min_size=len(numbers), max_size=len(numbers))
        )
        scores = draw(st.lists(st.floats(0, 1, width=32), min_size=len(numbers), max_size=len(numbers)))
        made.append(
            ObservationBatch(
                "gate", frame, START + draw(st.integers(0, 3)) * FRAME, np.array(numbers, np.int64),
                np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32),
                draw(st.sampled_from(ObservationOrigin)),
            )
        )  # fmt: skip
    return made


_SETTINGS = st.builds(
    StorageSettings,
    write_batch_rows=st.integers(1, 40),
    queue_rows=st.integers(1, 40),
    write_interval_s=st.sampled_from([0.001, 10.0]),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One database for all examples: each has a run of its own."""
    with tempfile.TemporaryDirectory() as folder:
        opened = open_database(Path(folder) / "site.db")
        yield opened
        opened.dispose()


@settings(max_examples=60, deadline=None)
@given(put=batches(), how=_SETTINGS, flush_at=st.integers(0, 12))
def test_rows_in_are_rows_stored(
    engine: Engine, put: list[ObservationBatch], how: StorageSettings, flush_at: int
) -> None:
    run_id = start_run(engine)
    with ObservationWriter(engine, run_id, how) as writer:
        for position, one in enumerate(put):
            if position == flush_at:
                writer.flush()
            writer.put(one)
    expected: list[_ROW] = [
        (one.frame_index, number, round((one.media_time - START) / FRAME), tuple(box), score, one.origin)
        for one in put
        for number, box, score in zip(
            one.track_number.tolist(), one.xyxy.tolist(), one.score.tolist(), strict=True
        )
    ]
    repository = TrackRepository(engine)
    stored: list[_ROW] = [
        (
            row.frame_index,
            row.number,
            round((row.media_time - START) / FRAME),
            row.xyxy,
            row.score,
            row.origin,
        )
        for row in repository.iter_observations(run_id, "gate")
    ]
    assert stored == sorted(expected, key=lambda row: row[:2])
    counted = {track.number: track for track in repository.summaries(run_id)}
    assert sum(track.observations for track in counted.values()) == len(expected)
    for number, track in counted.items():
        frames = [row[0] for row in expected if row[1] == number]
        assert (track.first_frame, track.last_frame) == (min(frames), max(frames))


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=15),
    fails_at=st.integers(0, 14),
    rows=st.integers(1, 20),
)
def test_failure_leaves_a_prefix_of_what_was_put(
    engine: Engine, sizes: list[int], fails_at: int, rows: int
) -> None:
    """One batch is refused by the database, as on a full disk: those before it may stay, none after it does."""
    run_id = start_run(engine)
    failed: list[StorageError] = []
    writer = ObservationWriter(engine, run_id, StorageSettings(write_batch_rows=rows, queue_rows=10_000))
    for frame, size in enumerate(sizes):
        numbers = [*range(1, size + 1)] + ([1] if frame == fails_at else [])
        try:
            writer.put(batch(frame, numbers))
        except StorageError as error:
            failed.append(error)
            break
    try:
        writer.close()
    except StorageError as error:
        failed.append(error)
    stored = [row.frame_index for row in TrackRepository(engine).iter_observations(run_id, "gate")]
    whole = min(len(sizes), fails_at)
    frames = sorted(set(stored))
    assert frames == list(range(len(frames)))
    assert len(frames) <= whole
    assert all(stored.count(frame) == sizes[frame] for frame in frames)
    assert len(failed) == (1 if fails_at < len(sizes) else 0), "a failure is told exactly once"
