"""Runs in the peers' environment: reads detections as JSON, prints each peer's frames a second as JSON."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import norfair
import numpy as np
import supervision
from trackers import ByteTrackTracker, SORTTracker

if TYPE_CHECKING:
    from collections.abc import Callable


def _supervision_step(tracker: Any) -> Callable[[Any], object]:
    def step(rows: Any) -> object:
        return tracker.update(
            supervision.Detections(
                xyxy=rows[:, :4], confidence=rows[:, 4], class_id=np.zeros(len(rows), np.int64)
            )
        )

    return step


def _norfair_step(tracker: Any) -> Callable[[Any], object]:
    def step(rows: Any) -> object:
        return tracker.update([norfair.Detection(row[:4].reshape(2, 2)) for row in rows])

    return step


_PEERS: dict[str, Callable[[float], Callable[[Any], object]]] = {
    "rf-sort": lambda rate: _supervision_step(SORTTracker(frame_rate=rate, track_activation_threshold=0.5)),
    "rf-bytetrack": lambda rate: _supervision_step(
        ByteTrackTracker(frame_rate=rate, track_activation_threshold=0.6)
    ),
    "norfair": lambda _: _norfair_step(
        norfair.Tracker(
            distance_function="iou", distance_threshold=0.7, hit_counter_max=15, initialization_delay=3
        )
    ),
}


def main() -> None:
    """Time every peer over all sequences."""
    sequences = [
        (rate, [np.array(rows, np.float32).reshape(-1, 5) for rows in frames])
        for rate, frames in json.load(sys.stdin)
    ]
    speeds = {}
    for name, make in _PEERS.items():
        seconds = 0.0
        for rate, frames in sequences:
            step = make(rate)
            start = time.perf_counter()
            for rows in frames:
                step(rows)
            seconds += time.perf_counter() - start
        speeds[name] = sum(len(frames) for _, frames in sequences) / seconds
    print(json.dumps(speeds))


if __name__ == "__main__":
    main()
