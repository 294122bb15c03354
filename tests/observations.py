"""Observations that tests make themselves: people who walk in straight lines, each for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from storage.records import ObservationBatch, ObservationOrigin, TrackRevision
from storage.repositories.runs import RunRepository
from storage.times import to_micros
from storage.writer import ObservationWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Engine

    from config.sections.storage import StorageSettings

START = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)
FRAME = timedelta(milliseconds=40)


def batch(
    frame: int,
    numbers: Sequence[int],
    *,
    camera: str = "gate",
    origin: ObservationOrigin = ObservationOrigin.DETECTED,
    foot: Sequence[tuple[float, float]] | None = None,
) -> ObservationBatch:
    """Tracks of one frame: at the feet given, or at places that follow from frame and number."""
    feet = foot or [(10.0 * number + frame, 100.0 + 0.5 * frame) for number in numbers]
    boxes = [(x - 10, y - 60, x + 10, y) for x, y in feet]
    return ObservationBatch(
        camera_id=camera,
        frame_index=frame,
        media_time=START + frame * FRAME,
        track_number=np.array(numbers, np.int64),
        xyxy=np.array(boxes, np.float32).reshape(-1, 4),
        score=np.full(len(numbers), 0.75, np.float32),
        origin=origin,
    )


def walk(frames: int, *, people: int = 3, stay: int = 20, camera: str = "gate") -> list[ObservationBatch]:
    """``people`` at a time; every ``stay`` frames one leaves and another comes."""
    return [
        batch(frame, [frame // stay + i for i in range(1, people + 1)], camera=camera)
        for frame in range(frames)
    ]


def revision(number: int, frames: Sequence[int], *, camera: str = "gate", by: float = 0.25) -> TrackRevision:
    """The positions that :func:`batch` gives a track, moved ``by`` pixels to the right and twice so down."""
    boxes = [batch(frame, [number]).xyxy[0] for frame in frames]
    return TrackRevision(
        camera_id=camera,
        number=number,
        frame_index=np.array(frames, np.int64),
        media_time_us=np.array([to_micros(START + frame * FRAME) for frame in frames], np.int64),
        xyxy=np.array(boxes, np.float32).reshape(-1, 4) + np.array([by, 2 * by, by, 2 * by], np.float32),
    )


def start_run(engine: Engine, *cameras: str) -> int:
    """A run of the cameras named, or of ``gate``."""
    return RunRepository(engine).start(
        cameras={name: f"{name}.avi" for name in cameras or ("gate",)},
        config={"detector": {"name": "stub"}},
        weights={"detector": {"name": "stub", "sha256": "0" * 64}},
        version="1.2.3",
    )


def write(
    engine: Engine, run_id: int, batches: Iterable[ObservationBatch], settings: StorageSettings | None = None
) -> None:
    """Put all batches through a writer."""
    with ObservationWriter(engine, run_id, settings) as writer:
        for one in batches:
            writer.put(one)
