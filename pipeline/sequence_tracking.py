"""The tracker over the detections of a MOTChallenge sequence: no pictures, no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from config.errors import InputNotFound
from pipeline.motchallenge import MotTable, SequenceDetections, read_sequence_info, read_table
from pipeline.tracking.tracker import Tracker
from pipeline.tracking.tracks import TrackState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.sections.tracker import TrackerSettings
    from pipeline.tracking.tracks import Tracks

_UNSTATED_RATE_HZ = 25.0


@dataclass(frozen=True, slots=True, eq=False)
class TrackedSequence:
    """What the tracker made of a sequence.

    Attributes:
        name: of the folder.
        rows: one row a track and frame, frames from 1.
        frames: length of the sequence.
        detections: boxes that were tracked.
        refused: boxes that were left out: not a number, inverted, or of no area.
    """

    name: str
    rows: MotTable
    frames: int
    detections: int
    refused: int

    @property
    def tracks(self) -> int:
        """How many ids there are."""
        return len(np.unique(self.rows.id))


def track_sequence(
    folder: Path, settings: TrackerSettings, *, advance: Callable[[], object] = lambda: None
) -> TrackedSequence:
    """Track ``det/det.txt`` of a sequence, online: what is said of a frame depends on no later frame.

    Args:
        folder: of the sequence; ``seqinfo.ini`` gives rate and length, else 25 Hz and the last row's frame.
        settings: of the tracker.
        advance: called after every frame.

    Raises:
        InputNotFound: no such folder, or no ``det/det.txt`` in it.
        MalformedInput: a row or ``seqinfo.ini`` does not hold what it should.
    """
    path = folder / "det/det.txt"
    if not path.is_file():
        raise InputNotFound(f"{path}: no such file; a MOTChallenge sequence keeps its detections there")
    described = (folder / "seqinfo.ini").is_file()
    info = read_sequence_info(folder / "seqinfo.ini") if described else None
    sequence = SequenceDetections(read_table(path), info.length if info else None)
    rate_hz = info.frame_rate if info else _UNSTATED_RATE_HZ
    tracker = Tracker(settings, frame_rate_hz=rate_hz)
    said: list[tuple[int, Tracks]] = []
    detections = 0
    for frame, boxes in sequence:
        detections += len(boxes)
        said.append((frame, tracker.update(boxes, time_s=(frame - 1) / rate_hz)))
        advance()
    return TrackedSequence(folder.resolve().name, _rows(said), len(sequence), detections, sequence.refused)


def _rows(said: list[tuple[int, Tracks]]) -> MotTable:
    """Confirmed tracks of all frames as one table."""
    if not said:
        return MotTable.empty()
    believed = [tracks.state == TrackState.CONFIRMED for _, tracks in said]
    counts = [int(mask.sum()) for mask in believed]
    return MotTable.of_results(
        np.repeat([frame for frame, _ in said], counts),
        np.concatenate([t.id[mask] for (_, t), mask in zip(said, believed, strict=True)]),
        np.concatenate([t.xyxy[mask] for (_, t), mask in zip(said, believed, strict=True)]),
        np.concatenate([t.confidence[mask] for (_, t), mask in zip(said, believed, strict=True)]),
    )
