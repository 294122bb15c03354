"""What the tracker promises, on scenes small enough to think through."""

from __future__ import annotations

import numpy as np
import pytest

from config.sections.tracker import TrackerSettings
from models.detections import Detections
from pipeline.tracking.tracker import Tracker
from pipeline.tracking.tracks import Tracks, TrackState

_RATE_HZ = 10.0


def boxes(*left_top: tuple[float, float], score: float = 0.9) -> Detections:
    corner = np.array(left_top, np.float32).reshape(-1, 2)
    xyxy = np.hstack([corner, corner + np.array([40, 100], np.float32)])
    return Detections(xyxy, np.full(len(xyxy), score, np.float32), np.zeros(len(xyxy), np.int64))


def follow(
    tracker: Tracker, frames: list[Detections], looks: list[list[float]] | None = None
) -> list[Tracks]:
    appearance = None if looks is None else np.array(looks, np.float32)
    return [
        tracker.update(
            found, time_s=i / _RATE_HZ, appearance=None if appearance is None else appearance[: len(found)]
        )
        for i, found in enumerate(frames)
    ]


def test_a_walk_is_one_track_confirmed_after_enough_boxes() -> None:
    said = follow(
        Tracker(TrackerSettings(), frame_rate_hz=_RATE_HZ), [boxes((5.0 * i, 50)) for i in range(20)]
    )
    assert {int(t.id[0]) for t in said} == {1}
    states = [int(t.state[0]) for t in said]
    hits = TrackerSettings().confirm_hits
    assert states == [TrackState.TENTATIVE] * (hits - 1) + [TrackState.CONFIRMED] * (21 - hits)


def test_a_short_occlusion_keeps_the_id() -> None:
    frames = [boxes((8.0 * i, 50)) if not 8 <= i < 14 else Detections.empty() for i in range(30)]
    said = follow(Tracker(TrackerSettings(), frame_rate_hz=_RATE_HZ), frames)
    assert {int(number) for t in said for number in t.id} == {1}


def test_two_who_cross_keep_their_ids() -> None:
    frames = [boxes((10.0 * i, 50), (300 - 10.0 * i, 90)) for i in range(31)]
    said = follow(Tracker(TrackerSettings(), frame_rate_hz=_RATE_HZ), frames)
    by_detection = [dict(zip(t.detection_index.tolist(), t.id.tolist(), strict=True)) for t in said]
    assert by_detection[-1] == by_detection[0]


def test_low_scores_keep_a_track_but_start_none() -> None:
    settings = TrackerSettings()
    weak = (settings.low_score + settings.high_score) / 2
    kept = follow(
        Tracker(settings, frame_rate_hz=_RATE_HZ),
        [boxes((50, 50), score=0.9 if i < 5 else weak) for i in range(15)],
    )
    assert [t.id.tolist() for t in kept] == [[1]] * 15
    alone = follow(Tracker(settings, frame_rate_hz=_RATE_HZ), [boxes((50, 50), score=weak)] * 15)
    assert not any(len(t) for t in alone)


def test_a_person_who_comes_back_is_known_by_looks() -> None:
    gone = 60  # 6 s, longer than motion alone is trusted
    frames = [boxes((50, 50))] * 10 + [Detections.empty()] * gone + [boxes((150, 60))] * 10
    settings = TrackerSettings()
    same = follow(Tracker(settings, frame_rate_hz=_RATE_HZ), frames, looks=[[1.0, 0.0]])
    assert same[-1].id.tolist() == [1]
    renamed = next(t for t in same if len(t) and t.id[0] != t.previous_id[0])
    assert renamed.state.tolist() == [TrackState.CONFIRMED]
    blind = follow(Tracker(settings, frame_rate_hz=_RATE_HZ), frames)
    assert blind[-1].id.tolist() == [2]


def test_classes_do_not_mix() -> None:
    person = boxes((50, 50))
    other = Detections(person.xyxy, person.confidence, np.array([7]))
    said = follow(Tracker(TrackerSettings(), frame_rate_hz=_RATE_HZ), [person] * 4 + [other] * 4)
    assert said[3].id.tolist() == [1]
    assert said[7].id.tolist() == [2]


def test_first_id_continues_an_earlier_count() -> None:
    said = Tracker(TrackerSettings(), frame_rate_hz=_RATE_HZ, first_id=42).update(boxes((5, 5)), time_s=0)
    assert said.id.tolist() == [42]


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_an_impossible_rate_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="frame_rate_hz"):
        Tracker(TrackerSettings(), frame_rate_hz=rate)


def test_appearance_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="appearance must have 1 rows"):
        Tracker(TrackerSettings(), frame_rate_hz=_RATE_HZ).update(
            boxes((5, 5)), time_s=0, appearance=np.ones((2, 3), np.float32)
        )
