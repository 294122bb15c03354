"""Persons over time, in a bounded number of bins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.replay.activity import FrameTally, activity
from storage.records import Observation, ObservationOrigin

START = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.lists(st.floats(0, 10**7), min_size=1, max_size=100))
def test_every_frame_is_in_the_bin_of_its_time(times: list[float]) -> None:
    tally = FrameTally(most_bins=60)
    for time_s in sorted(times):
        tally.add(time_s)
    counts = tally.counts
    assert counts.sum() == len(times)
    assert len(counts) <= 60
    places = [round(time_s * 1e6) // (tally.bin_s * 1_000_000) for time_s in times]
    np.testing.assert_array_equal(counts, np.bincount(places, minlength=len(counts)))


@pytest.mark.parametrize(
    ("length_s", "bin_s"),
    [(10, 1), (239, 1), (241, 2), (3600, 30), (30 * 86_400, 21_600), (300 * 86_400, 172_800)],
)
def test_bins_have_lengths_that_read_well(length_s: int, bin_s: int) -> None:
    tally = FrameTally()
    tally.add(0)
    tally.add(length_s)
    assert tally.bin_s == bin_s


def test_means_count_frames_without_anybody() -> None:
    tally = FrameTally()
    for index in range(30):
        tally.add(index / 10)
    observations = [
        Observation(
            number,
            frame,
            START + timedelta(seconds=frame / 10),
            (0, 0, 1, 1),
            0.5,
            ObservationOrigin.DETECTED,
        )
        for frame in (0, 1, 12)
        for number in range(1 + 2 * (frame == 1))
    ]
    found = activity(observations, START, tally)
    assert found.bin_s == 1
    np.testing.assert_allclose(found.mean_persons, [0.4, 0.1, 0])
    assert found.peak_persons.tolist() == [3, 1, 0]
