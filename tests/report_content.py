"""Contents of a report, made from wandering boxes: small, large, hostile and empty ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from pipeline.accounting import DropReason, FrameCounts
from pipeline.evaluation.tracking import evaluate_sequence, locate_errors
from pipeline.report.content import Activity, CameraEvaluation, CameraReport, ReplayReport, StageTiming
from pipeline.report.gathering import summarise_track
from tests.disturbed_tracks import disturbed, random_truth

FPS = 10.0


def camera_report(seed: int = 0, tracks: int = 5, points: int = 60, **changed: Any) -> CameraReport:
    """A camera with ``tracks`` tracks of ``points`` positions each."""
    generator = np.random.default_rng(seed)
    gathered = []
    for number in range(1, tracks + 1):
        corner = generator.uniform(0, 500, 2) + np.cumsum(generator.normal(0, 3, (points, 2)), axis=0)
        boxes = np.concatenate([corner, corner + np.array([30, 80])], axis=1).astype(np.float32)
        filled = np.zeros(points, np.bool_)
        filled[points // 3 : points // 2] = True
        times = generator.uniform(0, 20) + np.arange(points) / FPS
        gathered.append(summarise_track(number, times, boxes, np.full(points, 0.7, np.float32), filled))
    values: dict[str, Any] = {
        "camera_id": "dock",
        "source": "dock.mp4",
        "frame_size": (640, 480),
        "duration_s": 30.0,
        "started_at": datetime(2026, 3, 1, 22, 0, tzinfo=UTC),
        "background": None,
        "trajectories": [trajectory for trajectory, _ in gathered],
        "tracks": [summary for _, summary in gathered],
        "activity": Activity(1.0, generator.uniform(0, 4, 30), generator.integers(4, 7, 30)),
        "accounting": FrameCounts(300, 290, 0, {DropReason.INTERRUPTED: 10}),
    }
    return CameraReport(**(values | changed))


def evaluation(seed: int = 0) -> CameraEvaluation:
    """Scores and errors of disturbed tracks."""
    truth = random_truth(seed)
    results = disturbed(truth, seed)
    scores = evaluate_sequence(results, truth)
    return CameraEvaluation(
        {"online": scores, "second look": evaluate_sequence(truth, truth)},
        locate_errors(results, truth),
        "online",
        FPS,
    )


def report(*cameras: CameraReport, **changed: Any) -> ReplayReport:
    """A report of these cameras."""
    values: dict[str, Any] = {
        "title": "Replay of dock.mp4",
        "complete": True,
        "cameras": cameras,
        "settings": {"detector": "stub"},
        "timings": [StageTiming("decode", 1.25), StageTiming("detect", 12.5)],
        "run_metadata": {"started": "2026-03-02 08:00 UTC"},
    }
    return ReplayReport(**(values | changed))
