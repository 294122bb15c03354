"""The tracks of a camera at a glance, in bounded memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from pipeline.replay import overview as module
from pipeline.replay.overview import overview
from storage.records import ObservationOrigin, TrackSummary, Trajectory

if TYPE_CHECKING:
    import pytest

START = datetime(2026, 1, 1, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000


def track(number: int, length: int) -> Trajectory:
    frames = np.arange(length)
    left = 10 + 5 * frames
    summary = TrackSummary(
        1, "gate", number, START, START + timedelta(seconds=length / 10), 0, length - 1, length, 0
    )
    return Trajectory(
        summary,
        frames,
        START_US + 100_000 * frames,
        np.stack([left, 0 * left, left + 20, 0 * left + 50], axis=1).astype(np.float32),
        np.full(length, 0.5, np.float32),
        [ObservationOrigin.BACKFILLED, *[ObservationOrigin.DETECTED] * (length - 1)],
    )


def test_counts_and_ways() -> None:
    found = overview([track(1, 20), track(2, 3)], START)
    assert found.tracks == 2
    assert found.observations == {
        ObservationOrigin.DETECTED: 21,
        ObservationOrigin.BACKFILLED: 2,
        ObservationOrigin.INTERPOLATED: 0,
    }
    assert [(one.number, one.observations) for one in found.summaries] == [(1, 20), (2, 3)]
    assert found.ways[0].time_s[-1] == 1.9


def test_only_the_longest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAYS", 2)
    monkeypatch.setattr(module, "MOST_SUMMARIES", 3)
    found = overview([track(number, length) for number, length in enumerate([5, 9, 2, 9, 9, 3], 1)], START)
    assert found.tracks == 6
    assert [way.number for way in found.ways] == [2, 4]
    assert [one.number for one in found.summaries] == [2, 4, 5]


def test_nobody() -> None:
    found = overview([], START)
    assert found.tracks == 0
    assert not found.ways
    assert not found.summaries
