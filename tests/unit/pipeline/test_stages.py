"""The stages of the pipeline, as the live daemon and the replay run them."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from config.sections.tracker import TrackerSettings
from models.detectors.stub import StubDetector
from pipeline.clock import EPOCH
from pipeline.confirmation import RecordingRule
from pipeline.frames import Frame
from pipeline.stages import CameraStages, DetectStage, follow_stage
from pipeline.timing import StageTimings
from pipeline.tracking.tracks import TrackState
from storage.records import ObservationBatch, ObservationOrigin
from tests.footage import scene

FRAMES = [
    Frame("gate", index, EPOCH + timedelta(seconds=index / 10), index / 10, scene(index))
    for index in range(20)
]


def observed(rule: RecordingRule, timings: StageTimings | None = None) -> list[ObservationBatch]:
    detect = DetectStage(StubDetector(), timings)
    stages = CameraStages(follow_stage(TrackerSettings(), frame_rate_hz=10, timings=timings), rule)
    batches: list[ObservationBatch] = []
    for frame, detections in zip(FRAMES, detect.process(FRAMES), strict=True):
        batches += stages.record(frame, stages.follow(frame, detections))
    return batches


def rows(batches: list[ObservationBatch]) -> list[tuple[int, int]]:
    return sorted((batch.frame_index, number) for batch in batches for number in batch.track_number.tolist())


def test_with_backfilling_every_frame_has_both_walkers() -> None:
    rule = RecordingRule(second_look=True)
    batches = observed(rule)
    found = rows(batches)
    assert len(found) == len(set(found)) == 40
    assert rule.waiting_tracks == 0
    backfilled = [batch for batch in batches if batch.origin is ObservationOrigin.BACKFILLED]
    assert {batch.frame_index for batch in backfilled} == {0, 1}
    assert {batch.media_time for batch in backfilled} == {FRAMES[0].captured_at, FRAMES[1].captured_at}


def test_online_is_the_same_without_what_came_later() -> None:
    looked, online = observed(RecordingRule(second_look=True)), observed(RecordingRule(second_look=False))
    detected = [batch for batch in looked if batch.origin is ObservationOrigin.DETECTED]
    assert rows(detected) == rows(online)


def test_a_second_look_records_the_detections_and_a_live_daemon_what_is_believed() -> None:
    found = DetectStage(StubDetector()).process(FRAMES)
    follow = follow_stage(TrackerSettings(), frame_rate_hz=10)
    looked, online = RecordingRule(second_look=True), RecordingRule(second_look=False)
    for frame, detections in zip(FRAMES, found, strict=True):
        tracks = follow.process(detections, frame.time_s, frame.image)
        confirmed = tracks.state == TrackState.CONFIRMED
        seen = [one for one in looked.record(frame, tracks) if one.origin is ObservationOrigin.DETECTED]
        told = online.record(frame, tracks)
        assert len(seen) == len(told) == confirmed.any()
        for batch in seen:
            np.testing.assert_array_equal(batch.xyxy, detections.xyxy[tracks.detection_index][confirmed])
        for batch in told:
            np.testing.assert_array_equal(batch.xyxy, tracks.xyxy[confirmed])


def test_time_is_added_up_by_stage() -> None:
    timings = StageTimings()
    observed(RecordingRule(second_look=True), timings)
    assert dict(timings.items) == {"detect": 20, "describe": 20, "track": 20}
    assert all(seconds > 0 for seconds in timings.seconds.values())
