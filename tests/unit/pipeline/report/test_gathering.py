"""What a report says of one track."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.report.gathering import summarise_track


def boxes_at(
    x: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.stack([x, np.zeros_like(x), x + 20, np.full_like(x, 50)], axis=1).astype(np.float32)


def test_a_straight_walk_has_its_length() -> None:
    times = np.arange(101) / 10
    filled = np.zeros(101, np.bool_)
    filled[40:60] = True
    score = np.where(filled, 0.0, 0.8).astype(np.float32)
    trajectory, summary = summarise_track(7, times, boxes_at(times * 10), score, filled)
    assert (summary.first_s, summary.last_s, summary.observations, summary.interpolated) == (0, 10, 101, 20)
    assert summary.distance_px == pytest.approx(100, abs=5)
    assert summary.distance_heights == pytest.approx(2, abs=0.1)
    assert summary.score == pytest.approx(0.8)
    assert (len(trajectory.time_s), trajectory.number) == (101, 7)


def test_a_shaking_box_does_not_walk_for_miles() -> None:
    times = np.arange(1000) / 25
    shaking = boxes_at(100 + np.random.default_rng(0).normal(0, 2, 1000))
    nothing = np.zeros(1000, np.bool_)
    _, summary = summarise_track(1, times, shaking, np.ones(1000, np.float32), nothing)
    naive = np.abs(np.diff((shaking[:, 0] + shaking[:, 2]) / 2)).sum()
    assert summary.distance_px < naive / 20


def test_a_long_track_is_thinned_out_and_keeps_its_ends() -> None:
    times = np.arange(100_000) / 25
    nothing = np.zeros(len(times), np.bool_)
    trajectory, summary = summarise_track(1, times, boxes_at(times), np.ones(len(times), np.float32), nothing)
    assert len(trajectory.time_s) == 600
    assert (trajectory.time_s[0], trajectory.time_s[-1]) == (0, times[-1])
    assert summary.observations == 100_000


def test_one_observation_is_a_track() -> None:
    one = np.ones(1, np.float32)
    _, summary = summarise_track(1, np.zeros(1), boxes_at(np.zeros(1)), one, np.ones(1, np.bool_))
    assert (summary.distance_px, summary.score) == (0, 0)
