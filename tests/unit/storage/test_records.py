"""Records refuse what cannot be."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from config.errors import NaiveTimeError
from storage.records import FrameCounts, ObservationBatch, ObservationOrigin, TrackRevision, foot_points
from storage.times import from_micros, to_micros
from tests.observations import START


def test_frames_in_flight_are_what_is_not_accounted_for() -> None:
    assert FrameCounts(10, 6, {"stale": 1}, damaged=3).in_flight == 3


@pytest.mark.parametrize(
    ("captured", "processed", "dropped"),
    [(1, 2, {}), (1, 1, {"stale": 1}), (-1, 0, {}), (1, 0, {"stale": -1})],
)
def test_frames_that_do_not_add_up_are_refused(
    captured: int, processed: int, dropped: dict[str, int]
) -> None:
    with pytest.raises(ValueError, match="frames"):
        FrameCounts(captured, processed, dropped)


def test_naive_times_are_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
    with pytest.raises(NaiveTimeError):
        to_micros(naive)
    with pytest.raises(NaiveTimeError):
        ObservationBatch(
            "gate", 0, naive, np.zeros(0, np.int64), np.zeros((0, 4), np.float32), np.zeros(0, np.float32),
            ObservationOrigin.DETECTED,
        )  # fmt: skip


def test_times_are_exact_at_both_ends() -> None:
    for micros in (0, -1, to_micros(datetime.min.replace(tzinfo=START.tzinfo)), 253402300799999999):
        assert to_micros(from_micros(micros)) == micros


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"needs xyxy \(2, 4\)"):
        ObservationBatch(
            "gate", 0, START, np.zeros(2, np.int64), np.zeros((1, 4), np.float32), np.zeros(2, np.float32),
            ObservationOrigin.DETECTED,
        )  # fmt: skip


def test_shapes_of_a_revision_must_agree() -> None:
    frames = np.zeros(2, np.int64)
    for times, boxes in [((1,), (2, 4)), ((2,), (1, 4)), ((2,), (2, 3))]:
        with pytest.raises(ValueError, match=r"needs media_time_us \(2,\) and xyxy \(2, 4\)"):
            TrackRevision("gate", 1, frames, np.zeros(times, np.int64), np.zeros(boxes, np.float32))
    with pytest.raises(ValueError, match="needs media_time_us"):
        TrackRevision("gate", 1, frames, np.zeros((2, 1), np.int64), np.zeros((2, 4), np.float32))


def test_foot_is_the_middle_of_the_bottom_edge() -> None:
    assert foot_points(np.array([[10, 20, 30, 80]], np.float32)).tolist() == [[20, 80]]
