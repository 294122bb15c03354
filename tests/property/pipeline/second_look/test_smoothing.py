"""Smoothing leaves straight ways alone, takes noise away, and learns from the noise how much."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.second_look.refining import refined
from pipeline.second_look.sights import Sights, detected, fill_gaps
from pipeline.second_look.smoothing import Bandwidth, BandwidthChoice, smoothed

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RATE_HZ = 10


def track(frame: NDArray[np.int64], xyxy: NDArray[np.float64], number: int = 1) -> Sights:
    return detected(number, frame, frame / _RATE_HZ, xyxy, np.full(len(frame), 0.8, np.float32))


def walk(frame: NDArray[np.int64], velocity: tuple[float, float] = (3.0, 1.0)) -> NDArray[np.float64]:
    """(N, 4) a person of 40 x 100 pixels who walks straight."""
    corner = np.array([200.0, 100.0]) + frame[:, None] * np.array(velocity)
    return np.hstack([corner, corner + np.array([40.0, 100.0])])


def times_between(first: int, last: int) -> NDArray[np.float64]:
    return np.arange(first, last + 1) / _RATE_HZ


frames = st.lists(st.integers(1, 60), min_size=1, max_size=60).map(
    lambda steps: np.cumsum([step if step > 50 else 1 for step in steps])
)


@given(frames, st.floats(-20, 20), st.floats(-20, 20), st.sampled_from([0.04, 0.2, 1.0]))
@settings(deadline=None)
def test_straight_ways_stay(frame: NDArray[np.int64], vx: float, vy: float, width_s: float) -> None:
    straight = track(frame, walk(frame, (vx, vy)))
    np.testing.assert_allclose(smoothed(straight, Bandwidth(width_s, width_s)), straight.xyxy, atol=1e-6)


@given(frames, st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_where_the_picture_begins_does_not_matter(frame: NDArray[np.int64], seed: int) -> None:
    noisy = walk(frame) + np.random.default_rng(seed).normal(0, 5, (len(frame), 4))
    here, there = (smoothed(track(frame, noisy + shift), Bandwidth(0.2, 0.4)) for shift in (0, 1000))
    np.testing.assert_allclose(there - 1000, here, atol=1e-6)
    assert (here[:, 2:] > here[:, :2]).all()


@given(frames, st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_nothing_is_smoothed_across_an_open_gap(frame: NDArray[np.int64], seed: int) -> None:
    noisy = walk(frame) + np.random.default_rng(seed).normal(0, 5, (len(frame), 4))
    whole = smoothed(track(frame, noisy), Bandwidth(1.0, 1.0))
    cuts = [0, *((np.diff(frame) > 1).nonzero()[0] + 1).tolist(), len(frame)]
    alone = [
        smoothed(track(frame[a:b], noisy[a:b]), Bandwidth(1.0, 1.0)) for a, b in itertools.pairwise(cuts)
    ]
    np.testing.assert_allclose(whole, np.concatenate(alone), atol=1e-9)


def test_noise_goes_and_the_way_stays() -> None:
    frame = np.arange(200)
    bend = walk(frame)
    bend[:, [0, 2]] += 30 * np.sin(frame / 25)[:, None]
    noisy = bend + np.random.default_rng(0).normal(0, 4, bend.shape)
    (looked,) = refined(
        lambda: [track(frame, noisy)], times_between, interval_s=0.1, fill_gap_s=2, smooth=True
    )
    before, after = (np.sqrt(((xyxy - bend) ** 2).mean()) for xyxy in (noisy, looked.xyxy))
    assert after < 0.5 * before


def test_noisier_boxes_are_smoothed_more() -> None:
    frame = np.arange(300)
    bend = walk(frame, (0, 0))
    bend[:, [0, 2]] += 60 * np.sin(frame / 8)[:, None]
    chosen = []
    for noise_px in (0.1, 12.0):
        choice = BandwidthChoice(1 / _RATE_HZ)
        choice.add(track(frame, bend + np.random.default_rng(0).normal(0, noise_px, bend.shape)))
        chosen.append(choice.best())
    quiet, noisy = chosen
    assert quiet is not None
    assert noisy is not None
    assert quiet.centre_s < noisy.centre_s
    assert noisy.centre_s < noisy.size_s  # the size does not change at all, the centre swings


def test_too_little_footage_is_left_as_it_is() -> None:
    frame = np.arange(5)
    (looked,) = refined(
        lambda: [track(frame, walk(frame) + np.arange(5)[:, None] ** 2)],
        times_between,
        interval_s=0.1,
        fill_gap_s=2,
        smooth=True,
    )
    np.testing.assert_array_equal(looked.xyxy, walk(frame) + np.arange(5)[:, None] ** 2)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.floats(0, 3))
@settings(deadline=None)
def test_gaps_up_to_the_longest_are_filled_and_no_others(steps: list[int], longest_s: float) -> None:
    frame = np.cumsum(steps)
    filled = fill_gaps(track(frame, walk(frame)), times_between, longest_s)
    expected = set(frame.tolist())
    for first, last in zip(frame[:-1].tolist(), frame[1:].tolist(), strict=True):
        if (last / _RATE_HZ - first / _RATE_HZ) <= longest_s:
            expected.update(range(first, last))
    assert filled.frame.tolist() == sorted(expected)
    assert filled.frame[~filled.filled].tolist() == frame.tolist()
    np.testing.assert_allclose(filled.time_s, filled.frame / _RATE_HZ)
    np.testing.assert_allclose(filled.xyxy, walk(filled.frame), atol=1e-9)


def test_a_filled_position_has_the_lesser_score() -> None:
    frame = np.array([0, 3, 4])
    sights = detected(7, frame, frame / _RATE_HZ, walk(frame), np.array([0.9, 0.4, 0.8], np.float32))
    filled = fill_gaps(sights, times_between, 2)
    assert filled.number == 7
    np.testing.assert_allclose(filled.score, [0.9, 0.4, 0.4, 0.4, 0.8])
