"""Nothing is recorded of a track that was never believed, and nothing of a believed one is lost."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from pipeline.clock import EPOCH
from pipeline.confirmation import RecordingRule
from pipeline.frames import Frame
from pipeline.tracking.tracks import Tracks, TrackState
from storage.records import ObservationBatch, ObservationOrigin

PICTURE = np.zeros((2, 2, 3), np.uint8)
T, C = TrackState.TENTATIVE, TrackState.CONFIRMED


def recorded(rule: RecordingRule, *frames: tuple[dict[int, TrackState], list[int]]) -> list[ObservationBatch]:
    """What ``rule`` says of frames, each given as the state of the tracks in it and the tracks that ended."""
    batches: list[ObservationBatch] = []
    for index, (states, removed) in enumerate(frames):
        count, ids = len(states), np.array(list(states), np.int64)
        xyxy = np.stack([ids, ids, ids + 10, ids + 20], axis=1).astype(np.float32) + index
        tracks = Tracks(
            id=ids,
            state=np.array(list(states.values()), np.int8),
            xyxy=xyxy,
            detected_xyxy=xyxy + 1,
            confidence=np.full(count, 0.5, np.float32),
            class_id=np.zeros(count, np.int64),
            detection_index=np.arange(count),
            previous_id=ids.copy(),
            removed_id=np.array(removed, np.int64),
        )
        batches += rule.record(Frame("gate", index, EPOCH + timedelta(seconds=index), index, PICTURE), tracks)
    return batches


def told(batches: list[ObservationBatch]) -> list[tuple[int, int, str]]:
    return [
        (number, batch.frame_index, batch.origin.value)
        for batch in batches
        for number in batch.track_number.tolist()
    ]


def test_earlier_frames_come_when_the_track_is_confirmed() -> None:
    rule = RecordingRule(second_look=True)
    batches = recorded(rule, ({1: T}, []), ({1: T}, []), ({}, []), ({1: C}, []), ({1: C}, []))
    assert told(batches) == [
        (1, 0, "backfilled"), (1, 1, "backfilled"), (1, 3, "detected"), (1, 4, "detected"),
    ]  # fmt: skip
    np.testing.assert_array_equal(batches[1].xyxy, [[3, 3, 13, 23]])


def test_tracks_that_end_unconfirmed_are_forgotten() -> None:
    rule = RecordingRule(second_look=True)
    assert told(recorded(rule, ({1: T, 2: T}, []), ({2: T}, [1]), ({}, [2]))) == []
    assert rule.waiting_tracks == 0


def test_a_track_confirmed_at_once() -> None:
    assert told(recorded(RecordingRule(second_look=True), ({1: C}, []))) == [
        (1, 0, ObservationOrigin.DETECTED)
    ]


def test_a_second_look_gets_the_detections_and_a_live_daemon_what_it_believed() -> None:
    for second_look, left in ((True, 2), (False, 1)):
        (batch,) = recorded(RecordingRule(second_look=second_look), ({1: C}, []))
        assert batch.xyxy[0, 0] == left


def test_without_backfilling_nothing_is_remembered() -> None:
    rule = RecordingRule(second_look=False)
    assert told(recorded(rule, ({1: T, 2: C}, []), ({1: C, 2: C}, [])))== [
        (2, 0, "detected"), (1, 1, "detected"), (2, 1, "detected"),
    ]  # fmt: skip
    assert rule.waiting_tracks == 0
