"""What holds for the tracker on any input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from config.sections.tracker import TrackerSettings
from models.detections import Detections
from pipeline.tracking.tracker import Tracker
from pipeline.tracking.tracks import Tracks, TrackState

if TYPE_CHECKING:
    from random import Random


@st.composite
def frames(draw: st.DrawFn) -> list[Detections]:
    """Up to 25 frames of up to 6 boxes, in and outside any picture."""
    sequence = []
    for count in draw(st.lists(st.integers(0, 6), min_size=1, max_size=25)):
        corner = draw(arrays(np.float32, (count, 2), elements=st.floats(-500, 2000, width=32)))
        size = draw(arrays(np.float32, (count, 2), elements=st.floats(1, 600, width=32)))
        score = draw(arrays(np.float32, count, elements=st.floats(0, 1, width=32)))
        sequence.append(Detections(np.hstack([corner, corner + size]), score, np.zeros(count, np.int64)))
    return sequence


def _track(sequence: list[Detections], scale: float = 1.0, shift: float = 0.0) -> list[Tracks]:
    tracker = Tracker(TrackerSettings(), frame_rate_hz=10)
    return [
        tracker.update(
            Detections((d.xyxy * scale + shift).astype(np.float32), d.confidence, d.class_id), time_s=i / 10
        )
        for i, d in enumerate(sequence)
    ]


@given(frames())
@settings(deadline=None)
def test_each_box_has_at_most_one_track_and_each_track_one_box(sequence: list[Detections]) -> None:
    for found, tracks in zip(sequence, _track(sequence), strict=True):
        assert len(set(tracks.id.tolist())) == len(tracks)
        assert len(set(tracks.detection_index.tolist())) == len(tracks)
        assert not len(tracks) or tracks.detection_index.max() < len(found)
        assert np.isfinite(tracks.xyxy).all()
        np.testing.assert_array_equal(tracks.detected_xyxy, found.xyxy[tracks.detection_index])


@given(frames())
@settings(deadline=None)
def test_ids_are_never_used_again_and_belief_is_not_taken_back(sequence: list[Detections]) -> None:
    removed: set[int] = set()
    believed: set[int] = set()
    newest = 0
    for tracks in _track(sequence):
        ids = tracks.id.tolist()
        assert removed.isdisjoint(ids)
        for number, state in zip(ids, tracks.state.tolist(), strict=True):
            assert state == TrackState.CONFIRMED or number not in believed
            if state == TrackState.CONFIRMED:
                believed.add(number)
        fresh = [number for number in ids if number > newest]
        newest = max([newest, *ids])
        assert fresh == sorted(set(fresh))
        removed.update(tracks.removed_id.tolist())


@given(frames())
@settings(deadline=None)
def test_the_same_input_gives_the_same_tracks(sequence: list[Detections]) -> None:
    for once, again in zip(_track(sequence), _track(sequence), strict=True):
        np.testing.assert_array_equal(once.id, again.id)
        np.testing.assert_array_equal(once.xyxy, again.xyxy)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
@settings(deadline=None)
def test_time_that_stands_still_or_goes_back_is_survived(first: float, second: float) -> None:
    found = Detections(np.array([[10, 10, 50, 110]], np.float32), np.array([0.9], np.float32), np.array([0]))
    tracker = Tracker(TrackerSettings(), frame_rate_hz=10)
    for time_s in (first, second, second):
        tracks = tracker.update(found, time_s=time_s)
        assert len(tracks) == 1
        assert np.isfinite(tracks.xyxy).all()


@given(frames(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_the_boxes_does_not_matter(sequence: list[Detections], random: Random) -> None:
    shuffled = []
    for found in sequence:
        order = list(range(len(found)))
        random.shuffle(order)
        shuffled.append(found[np.array(order, np.intp)])
    for found, tracks, mixed, same in zip(
        sequence, _track(sequence), shuffled, _track(shuffled), strict=True
    ):
        np.testing.assert_array_equal(tracks.id, same.id)
        np.testing.assert_array_equal(tracks.state, same.state)
        np.testing.assert_array_equal(tracks.xyxy, same.xyxy)
        np.testing.assert_array_equal(found.xyxy[tracks.detection_index], mixed.xyxy[same.detection_index])
