"""The second look of a replay on a database: gaps filled, ways smoothed, and each as the settings say."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.sections.replay import ReplaySettings
from pipeline.clock import EPOCH
from pipeline.replay.frame_times import FrameTimes
from pipeline.replay.second_look import take_second_look
from storage.engine import open_database
from storage.records import ObservationBatch, ObservationOrigin, Trajectory
from storage.repositories.tracks import TrackRepository
from storage.writer import ObservationWriter
from tests.observations import start_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

_FRAMES = 120
_HIDDEN = range(50, 58)
_WAY = np.arange(_FRAMES)[:, None] * np.array([3.0, 1.0, 3.0, 1.0]) + np.array([50.0, 40, 90, 140])
_SEEN = (_WAY + np.random.default_rng(3).normal(0, 4, _WAY.shape)).astype(np.float32)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "site.db")
    yield engine
    engine.dispose()


def looked_at(engine: Engine, settings: ReplaySettings) -> Trajectory:
    """A person who walks straight, seen with errors of four pixels and hidden for a while, after the second look."""
    run_id = start_run(engine)
    times = FrameTimes()
    with ObservationWriter(engine, run_id) as writer:
        for frame in range(_FRAMES):
            at = EPOCH + frame * timedelta(milliseconds=100)
            times.append(at)
            if frame not in _HIDDEN:
                box, score = _SEEN[frame : frame + 1], np.array([0.9], np.float32)
                writer.put(
                    ObservationBatch("gate", frame, at, np.array([7]), box, score, ObservationOrigin.DETECTED)
                )
        writer.flush()
        tracks = TrackRepository(engine)
        take_second_look(
            "gate",
            partial(tracks.iter_tracks, run_id, "gate"),
            times,
            writer,
            settings,
            interval_s=0.1,
        )
    times.close()
    return tracks.get(run_id, "gate", 7)


def error_px(track: Trajectory) -> float:
    return float(np.sqrt(((track.xyxy - _WAY[track.frame_index]) ** 2).mean()))


def test_gaps_are_filled_and_the_way_is_smooth(engine: Engine) -> None:
    track = looked_at(engine, ReplaySettings())
    assert track.frame_index.tolist() == list(range(_FRAMES))
    filled = [origin is ObservationOrigin.INTERPOLATED for origin in track.origin]
    assert [frame for frame, was in enumerate(filled) if was] == list(_HIDDEN)
    assert track.summary.interpolated == len(_HIDDEN)
    assert error_px(track) < 2  # of 4


def test_smoothing_can_be_switched_off(engine: Engine) -> None:
    track = looked_at(engine, ReplaySettings(smooth_tracks=False))
    detected = np.array([origin is ObservationOrigin.DETECTED for origin in track.origin])
    np.testing.assert_array_equal(track.xyxy[detected], _SEEN[track.frame_index[detected]])
    assert track.frame_index.tolist() == list(range(_FRAMES))


def test_filling_can_be_switched_off(engine: Engine) -> None:
    track = looked_at(engine, ReplaySettings(fill_gap_s=0))
    assert set(range(_FRAMES)) - set(track.frame_index.tolist()) == set(_HIDDEN)
    assert error_px(track) < 2
