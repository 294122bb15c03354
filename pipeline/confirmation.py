"""Which positions of a track are recorded, and when: belief comes later than the first sight."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pipeline.tracking.tracks import TrackState
from storage.records import ObservationBatch, ObservationOrigin

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from pipeline.frames import Frame
    from pipeline.tracking.tracks import Tracks


_CONFIRMED = np.int8(TrackState.CONFIRMED)


@dataclass(frozen=True, slots=True, eq=False)
class _Sight:
    """Where one tentative track stood in one frame."""

    frame_index: int
    media_time: datetime
    xyxy: NDArray[np.float32]
    score: np.float32


@dataclass(slots=True)
class RecordingRule:
    """Turns the tracker's answers into observations.

    A confirmed track is recorded as it is seen. What is known of a track from before its confirmation is kept in
    memory until then, and recorded as backfilled; if the track ends unconfirmed it is forgotten.

    Attributes:
        second_look: the detections themselves are recorded, for the second look to make the best of. False records
            only what was believed at the time, as a live daemon must.
    """

    second_look: bool
    _waiting: dict[int, list[_Sight]] = field(default_factory=dict)

    @property
    def waiting_tracks(self) -> int:
        """How many tentative tracks are remembered."""
        return len(self._waiting)

    def record(self, frame: Frame, tracks: Tracks) -> list[ObservationBatch]:
        """Observations that are certain now: backfilled ones first, then those of this frame."""
        confirmed = tracks.state == _CONFIRMED
        xyxy = tracks.detected_xyxy if self.second_look else tracks.xyxy
        batches: list[ObservationBatch] = []
        if self.second_look:
            self._rename(tracks)
            for number in tracks.id[confirmed].tolist():
                batches += self._backfilled(frame.camera_id, number)
            self._remember(frame, tracks, ~confirmed)
            for number in tracks.removed_id.tolist():
                self._waiting.pop(number, None)
        count = int(np.count_nonzero(confirmed))
        if count:
            seen = tracks.id, xyxy, tracks.confidence
            if count < len(confirmed):
                seen = tracks.id[confirmed], xyxy[confirmed], tracks.confidence[confirmed]
            batches.append(
                ObservationBatch(
                    frame.camera_id, frame.index, frame.captured_at, *seen, ObservationOrigin.DETECTED
                )
            )
        return batches

    def _rename(self, tracks: Tracks) -> None:
        """A new track turned out to be somebody who was lost: what waited under its number goes over."""
        for row in np.flatnonzero(tracks.previous_id != tracks.id):
            waiting = self._waiting.pop(int(tracks.previous_id[row]), None)
            if waiting is not None:
                self._waiting[int(tracks.id[row])] = waiting

    def _remember(self, frame: Frame, tracks: Tracks, tentative: NDArray[np.bool_]) -> None:
        for row in np.flatnonzero(tentative):
            sight = _Sight(
                frame.index, frame.captured_at, tracks.detected_xyxy[row].copy(), tracks.confidence[row]
            )
            self._waiting.setdefault(int(tracks.id[row]), []).append(sight)

    def _backfilled(self, camera_id: str, number: int) -> list[ObservationBatch]:
        return [
            ObservationBatch(
                camera_id,
                sight.frame_index,
                sight.media_time,
                np.array([number], np.int64),
                sight.xyxy[None],  # (1, 4)
                np.array([sight.score], np.float32),
                ObservationOrigin.BACKFILLED,
            )
            for sight in self._waiting.pop(number, ())
        ]
