"""The tracker over a MOTChallenge sequence: its detections, and its pictures where it has any; no database."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from config.errors import InputNotFound
from pipeline.motchallenge import MotTable, SequenceDetections, read_sequence_info, read_table
from pipeline.second_look.refining import refined
from pipeline.second_look.sights import detected
from pipeline.sequence_pictures import SequencePictures
from pipeline.stages import follow_stage
from pipeline.tracking.tracks import TrackState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from config.sections.replay import ReplaySettings
    from config.sections.tracker import TrackerSettings
    from pipeline.second_look.sights import Sights
    from pipeline.tracking.tracks import Tracks

_UNSTATED_RATE_HZ = 25.0


@dataclass(frozen=True, slots=True, eq=False)
class TrackedSequence:
    """What the tracker made of a sequence.

    Attributes:
        name: of the folder.
        rows: one row a track and frame, frames from 1.
        frames: length of the sequence.
        pictures: frames whose picture was looked at.
        detections: boxes that were tracked.
        refused: boxes that were left out: not a number, inverted, or of no area.
    """

    name: str
    rows: MotTable
    frames: int
    pictures: int
    detections: int
    refused: int

    @property
    def tracks(self) -> int:
        """How many ids there are."""
        return len(np.unique(self.rows.id))


def track_sequence(
    folder: Path,
    settings: TrackerSettings,
    *,
    second_look: ReplaySettings | None = None,
    advance: Callable[[], object] = lambda: None,
) -> TrackedSequence:
    """Track ``det/det.txt`` of a sequence.

    Args:
        folder: of the sequence; ``seqinfo.ini`` gives rate and length, else 25 Hz and the last row's frame. Its
            ``img1/`` or a video in it, if there is one, lets the tracker see what people look like.
        settings: of the tracker.
        second_look: None tracks online: what is said of a frame depends on no later frame. Else a second look is
            taken as these settings say: frames from before a track was confirmed are its own, short gaps are filled,
            ways are smoothed.
        advance: called after every frame.

    Raises:
        InputNotFound: no such folder, or no ``det/det.txt`` in it.
        MalformedInput: a row or ``seqinfo.ini`` does not hold what it should, or there are several videos.
        InputError: the images or the video cannot be read.
    """
    path = folder / "det/det.txt"
    if not path.is_file():
        raise InputNotFound(f"{path}: no such file; a MOTChallenge sequence keeps its detections there")
    described = (folder / "seqinfo.ini").is_file()
    info = read_sequence_info(folder / "seqinfo.ini") if described else None
    sequence = SequenceDetections(read_table(path), info.length if info else None)
    rate_hz = info.frame_rate if info else _UNSTATED_RATE_HZ
    follow = follow_stage(settings, frame_rate_hz=rate_hz)
    said: list[tuple[int, Tracks]] = []
    detections = 0
    with SequencePictures(folder, rate_hz) as pictures:
        for frame, boxes in sequence:
            detections += len(boxes)
            said.append((frame, follow.process(boxes, (frame - 1) / rate_hz, pictures.of(frame))))
            advance()
    rows = _believed(said) if second_look is None else _refined(_known_later(said), second_look, rate_hz)
    return TrackedSequence(
        folder.resolve().name, rows, len(sequence), pictures.given, detections, sequence.refused
    )


def _believed(said: list[tuple[int, Tracks]]) -> MotTable:
    """Confirmed tracks of all frames, as they were believed at the time."""
    kept = [tracks.state == TrackState.CONFIRMED for _, tracks in said]
    return _rows(said, [t.id for _, t in said], [t.xyxy for _, t in said], kept)


def _known_later(said: list[tuple[int, Tracks]]) -> MotTable:
    """All detections of tracks that were confirmed in the end, under the ids that they had then."""
    confirmed: set[int] = set()
    became: dict[int, int] = {}
    ids: list[NDArray[np.int64]] = []
    for _, tracks in reversed(said):  # a later frame knows what the id of an earlier one became
        confirmed.update(tracks.id[tracks.state == TrackState.CONFIRMED].tolist())
        renamed = tracks.previous_id != tracks.id
        became.update(zip(tracks.previous_id[renamed].tolist(), tracks.id[renamed].tolist(), strict=True))
        ids.append(np.array([became.get(number, number) for number in tracks.id.tolist()], np.int64))
    ids.reverse()
    lasting = np.array(sorted(confirmed), np.int64)
    return _rows(
        said, ids, [t.detected_xyxy for _, t in said], [np.isin(numbers, lasting) for numbers in ids]
    )


def _rows(
    said: list[tuple[int, Tracks]],
    ids: list[NDArray[np.int64]],
    boxes: list[NDArray[np.float32]],
    kept: list[NDArray[np.bool_]],
) -> MotTable:
    if not said:
        return MotTable.empty()
    counts = [int(mask.sum()) for mask in kept]
    return MotTable.of_results(
        np.repeat([frame for frame, _ in said], counts),
        np.concatenate([numbers[mask] for numbers, mask in zip(ids, kept, strict=True)]),
        np.concatenate([xyxy[mask] for xyxy, mask in zip(boxes, kept, strict=True)]),
        np.concatenate([t.confidence[mask] for (_, t), mask in zip(said, kept, strict=True)]),
    )


def _refined(rows: MotTable, settings: ReplaySettings, rate_hz: float) -> MotTable:
    if not len(rows):
        return rows
    rows = rows[np.lexsort((rows.frame, rows.id))]
    starts = (np.diff(rows.id) > 0).nonzero()[0] + 1
    tracks = [rows[slice(*ends)] for ends in itertools.pairwise([0, *starts.tolist(), len(rows)])]
    looked = list(
        refined(
            lambda: (_sights(track, rate_hz) for track in tracks),
            lambda first, last: (np.arange(first, last + 1) - 1) / rate_hz,
            interval_s=1 / rate_hz,
            fill_gap_s=settings.fill_gap_s,
            smooth=settings.smooth_tracks,
        )
    )
    return MotTable.of_results(
        np.concatenate([track.frame for track in looked]),
        np.repeat([track.number for track in looked], [len(track) for track in looked]),
        np.concatenate([track.xyxy for track in looked]),
        np.concatenate([track.score for track in looked]),
    )


def _sights(track: MotTable, rate_hz: float) -> Sights:
    time_s = (track.frame - 1) / rate_hz
    return detected(int(track.id[0]), track.frame, time_s, track.xyxy, track.score.astype(np.float32))
