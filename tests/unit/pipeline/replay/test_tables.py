"""Observations as MOTChallenge tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np

from pipeline.replay.tables import as_table, as_tables
from storage.records import Observation, ObservationOrigin

START = datetime(2026, 1, 1, tzinfo=UTC)


def seen(number: int, frame: int, origin: ObservationOrigin = ObservationOrigin.DETECTED) -> Observation:
    time = START + timedelta(seconds=frame / 10)
    return Observation(number, frame, time, (1.234, 2.0, 11.0, 42.0), 0.5, origin)


def test_frames_are_counted_from_one_and_never_cut() -> None:
    observations = [seen(number, frame) for frame in range(1000) for number in range(10)]
    tables = list(as_tables(observations))
    assert sum(map(len, tables)) == 10_000
    assert len(tables) == 3
    assert tables[0].frame[0] == 1
    for before, after in pairwise(tables):
        assert before.frame[-1] + 1 == after.frame[0]


def test_pixels_are_as_exact_as_in_the_file() -> None:
    np.testing.assert_array_equal(as_table([seen(1, 0)]).xyxy, [[1.23, 2, 11, 42]])


def test_nothing_seen() -> None:
    assert list(as_tables([])) == []
    assert len(as_table([])) == 0
