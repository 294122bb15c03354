"""What is written and read: plain records, free of SQLAlchemy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from config.errors import NaiveTimeError

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray


class RunStatus(StrEnum):
    """How a run ended, or that it has not."""

    RUNNING = "running"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


class ObservationOrigin(StrEnum):
    """How Sitewatch knows where a track was in a frame."""

    DETECTED = "detected"
    """A detection of that frame, of a track that was confirmed by then."""
    BACKFILLED = "backfilled"
    """A detection of that frame, of a track that was confirmed only later."""
    INTERPOLATED = "interpolated"
    """Filled between two detections by the second look of a replay."""


@dataclass(frozen=True, slots=True, eq=False)
class ObservationBatch:
    """Where tracks of one camera stood in one frame.

    Attributes:
        camera_id: name of the camera.
        frame_index: 0-based.
        media_time: UTC time of the frame.
        track_number: (N,) int64, the tracker's ids.
        xyxy: (N, 4) float32 pixels; the foot point is the middle of the bottom edge.
        score: (N,) float32 in [0, 1].
        origin: how these positions are known.

    Raises:
        NaiveTimeError: ``media_time`` has no zone.
    """

    camera_id: str
    frame_index: int
    media_time: datetime
    track_number: NDArray[np.int64]
    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    origin: ObservationOrigin

    def __post_init__(self) -> None:
        if self.media_time.utcoffset() is None:
            raise NaiveTimeError(f"media_time must carry a time zone, is {self.media_time.isoformat()}")
        count = len(self.track_number)
        if self.xyxy.shape != (count, 4) or self.score.shape != (count,):
            raise ValueError(
                f"ObservationBatch of {count} tracks needs xyxy {(count, 4)} and score {(count,)}, "
                f"has {self.xyxy.shape} and {self.score.shape}"
            )

    def __len__(self) -> int:
        return len(self.track_number)
