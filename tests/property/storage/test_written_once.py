"""Wherever transactions break, and however often, what is put is written once, as if nothing had been the matter."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.sections.storage import StorageSettings
from storage.content import content_digest
from storage.engine import open_database
from storage.records import CameraEventBegin, CameraEventEnd, ObservationBatch
from storage.retry import RetryPolicy
from storage.writer import ObservationWriter
from tests.broken_commits import Break, broken_commits
from tests.observations import FRAME, START, batch, start_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    Item = ObservationBatch | CameraEventBegin | CameraEventEnd

_AT_ONCE = RetryPolicy(first_s=0.0001, longest_s=0.001)


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    """Frames with tracks, and events of the camera between them."""
    made: list[Item] = []
    for frame in range(draw(st.integers(1, 15))):
        kind, at = draw(st.sampled_from(["offline", "frozen"])), START + frame * FRAME
        what = draw(st.sampled_from(["frame", "frame", "begin", "end"]))
        if what == "frame":
            made.append(batch(frame, draw(st.lists(st.integers(1, 6), max_size=4, unique=True))))
        else:
            made.append(
                CameraEventBegin("gate", kind, at) if what == "begin" else CameraEventEnd("gate", kind, at)
            )
    return made


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One database for all examples: each has runs of its own."""
    with tempfile.TemporaryDirectory() as folder:
        opened = open_database(Path(folder) / "site.db")
        yield opened
        opened.dispose()


@settings(max_examples=60, deadline=None)
@given(
    put=items(),
    plan=st.lists(st.sampled_from(Break), max_size=12),
    rows=st.integers(1, 20),
    flushes=st.sets(st.integers(0, 14)),
)
def test_breaks_do_not_show(
    engine: Engine, put: list[Item], plan: list[Break], rows: int, flushes: set[int]
) -> None:
    undisturbed, run_id = start_run(engine), start_run(engine)
    with ObservationWriter(engine, undisturbed) as calm:
        for one in put:
            calm.put(one) if isinstance(one, ObservationBatch) else calm.record(one)
    told: list[ObservationBatch] = []
    writer = ObservationWriter(
        engine,
        run_id,
        StorageSettings(write_batch_rows=rows, write_interval_s=0.001),
        retry=_AT_ONCE,
        on_committed=lambda committed, _: told.extend(committed),
    )
    with broken_commits(engine, plan) as happened:
        for position, one in enumerate(put):
            assert writer.try_put(one)
            if position in flushes:
                writer.flush()
        assert writer.close(60) == 0
    assert content_digest(engine, run_id) == content_digest(engine, undisturbed)
    frames = [one for one in put if isinstance(one, ObservationBatch) and len(one)]
    assert [id(one) for one in told] == [id(one) for one in frames], "each commit is told once, in order"
    assert writer.committed_rows == sum(map(len, put))
    assert (writer.queued_rows, writer.failing_since) == (0, None)
    assert (writer.last_error != "") == bool(happened)
