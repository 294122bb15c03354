"""A new track that turns out to be somebody lost: what waited under its number is recorded under the old one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from pipeline.confirmation import RecordingRule
from pipeline.frames import Frame
from pipeline.tracking.tracks import Tracks, TrackState
from storage.records import ObservationOrigin


def frame(index: int) -> Frame:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=index)
    return Frame("gate", index, at, float(index), np.zeros((4, 4, 3), np.uint8))


def one(number: int, state: TrackState, previous: int | None = None) -> Tracks:
    numbers = np.array([number])
    return Tracks(
        id=numbers,
        state=np.array([state], np.int8),
        xyxy=np.array([[0, 0, 2, 3]], np.float32),
        detected_xyxy=np.array([[0, 0, 2, 3]], np.float32),
        confidence=np.ones(1, np.float32),
        class_id=np.zeros(1, np.int64),
        detection_index=np.zeros(1, np.int64),
        previous_id=numbers if previous is None else np.array([previous]),
        removed_id=np.empty(0, np.int64),
    )


def test_earlier_sights_go_over_to_the_number_that_was_lost() -> None:
    rule = RecordingRule(second_look=True)
    assert rule.record(frame(0), one(9, TrackState.TENTATIVE)) == []
    batches = rule.record(frame(1), one(4, TrackState.CONFIRMED, previous=9))
    assert [(b.frame_index, b.track_number.tolist(), b.origin) for b in batches] == [
        (0, [4], ObservationOrigin.BACKFILLED),
        (1, [4], ObservationOrigin.DETECTED),
    ]
    assert rule.waiting_tracks == 0
