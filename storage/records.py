"""What is written and read: plain records, free of SQLAlchemy."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from config.errors import NaiveTimeError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray


MAX_KIND_LENGTH = 64  # as the column holds


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


@dataclass(frozen=True, slots=True, eq=False)
class TrackRevision:
    """Better positions of a track in frames where it was already observed; score and origin stay as they are.

    Attributes:
        camera_id: name of the camera.
        number: the tracker's id.
        frame_index: (N,) int64, 0-based.
        media_time_us: (N,) int64, microseconds since 1970-01-01 UTC; with the frame it names the observation.
        xyxy: (N, 4) float32 pixels, in place of those observed; the foot points follow from them.
    """

    camera_id: str
    number: int
    frame_index: NDArray[np.int64]
    media_time_us: NDArray[np.int64]
    xyxy: NDArray[np.float32]

    def __post_init__(self) -> None:
        count = len(self.frame_index)
        if self.media_time_us.shape != (count,) or self.xyxy.shape != (count, 4):
            raise ValueError(
                f"TrackRevision of {count} frames needs media_time_us {(count,)} and xyxy {(count, 4)}, "
                f"has {self.media_time_us.shape} and {self.xyxy.shape}"
            )

    def __len__(self) -> int:
        return len(self.frame_index)


@dataclass(frozen=True, slots=True)
class CameraEventBegin:
    """Something begins to be the matter with a camera; what of that kind is under way does not begin again.

    Attributes:
        camera_id: name of the camera.
        kind: such as ``offline`` or ``frozen``, at most 64 characters.
        at: UTC.
        detail: what the operator should know of it.

    Raises:
        NaiveTimeError: ``at`` has no zone.
        ValueError: a kind that is empty, too long or not printable.
    """

    camera_id: str
    kind: str
    at: datetime
    detail: str = ""

    def __post_init__(self) -> None:
        _check_event(self.kind, self.at)

    def __len__(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class CameraEventEnd:
    """It is over; without effect where nothing of that kind is under way.

    Attributes:
        camera_id: name of the camera.
        kind: as it began.
        at: UTC.

    Raises:
        NaiveTimeError: ``at`` has no zone.
        ValueError: a kind that is empty, too long or not printable.
    """

    camera_id: str
    kind: str
    at: datetime

    def __post_init__(self) -> None:
        _check_event(self.kind, self.at)

    def __len__(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class CameraEvent:
    """Something that was the matter with a camera.

    Attributes:
        run_id: the run.
        camera_id: name of the camera.
        kind: such as ``offline`` or ``frozen``.
        began_at: UTC.
        ended_at: UTC, not before ``began_at``; absent while it goes on.
        detail: what the operator should know of it.
    """

    run_id: int
    camera_id: str
    kind: str
    began_at: datetime
    ended_at: datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """What became of the frames of one camera in one run.

    Attributes:
        captured: frames that came from the camera or the recording.
        processed: of those, frames that went through all stages.
        dropped: of those, frames that were not, by reason.
        damaged: pictures that could not be decoded; they were never captured.

    Raises:
        ValueError: a negative count, or more frames accounted for than captured.
    """

    captured: int = 0
    processed: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    damaged: int = 0

    def __post_init__(self) -> None:
        if min(self.captured, self.processed, self.damaged, *self.dropped.values(), 0) < 0:
            raise ValueError(f"counts of frames cannot be negative: {self}")
        if self.in_flight < 0:
            raise ValueError(f"more frames processed and dropped than captured: {self}")

    @property
    def in_flight(self) -> int:
        """Frames captured of which nothing is known yet; none after a run that ended well."""
        return self.captured - self.processed - sum(self.dropped.values())


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One replay, or one life of the daemon.

    Attributes:
        run_id: never used again, even after the run was deleted.
        status: how it ended, or that it has not.
        reason: why it is incomplete.
        version: Sitewatch's.
        config: the effective configuration.
        weights: role of each network and its provenance.
        started_at: wall clock, UTC.
        finished_at: wall clock, UTC; absent while it runs.
        host: name of the machine.
        frames: frame accounting of each camera.
    """

    run_id: int
    status: RunStatus
    reason: str | None
    version: str
    config: Mapping[str, Any]
    weights: Mapping[str, Any]
    started_at: datetime
    finished_at: datetime | None
    host: str
    frames: Mapping[str, FrameCounts]


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """When and for how long a track was seen.

    Attributes:
        run_id: the run.
        camera_id: name of the camera.
        number: the tracker's id; with run and camera it names the track.
        first_at: media time of its first observation, UTC.
        last_at: media time of its last.
        first_frame: index of the frame of its first observation.
        last_frame: index of the frame of its last.
        observations: how many there are, of all origins.
        interpolated: how many of them are interpolated.
    """

    run_id: int
    camera_id: str
    number: int
    first_at: datetime
    last_at: datetime
    first_frame: int
    last_frame: int
    observations: int
    interpolated: int

    @property
    def duration_s(self) -> float:
        """Seconds of media time from the first observation to the last."""
        return (self.last_at - self.first_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Observation:
    """Where one track was in one frame.

    Attributes:
        number: the tracker's id.
        frame_index: 0-based.
        media_time: UTC.
        xyxy: left, top, right, bottom in pixels.
        score: in [0, 1].
        origin: how this is known.
    """

    number: int
    frame_index: int
    media_time: datetime
    xyxy: tuple[float, float, float, float]
    score: float
    origin: ObservationOrigin


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """A whole track, as a structure of arrays in the order of time.

    Attributes:
        summary: what the track is.
        frame_index: (N,) int64.
        media_time_us: (N,) int64, microseconds since 1970-01-01 UTC.
        xyxy: (N, 4) float32 pixels.
        score: (N,) float32.
        origin: (N,) how each position is known.
    """

    summary: TrackSummary
    frame_index: NDArray[np.int64]
    media_time_us: NDArray[np.int64]
    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    origin: list[ObservationOrigin]

    def __len__(self) -> int:
        return len(self.frame_index)

    @property
    def foot(self) -> NDArray[np.float32]:
        """(N, 2) middle of the bottom edge, pixels."""
        return foot_points(self.xyxy)


@dataclass(frozen=True, slots=True)
class Presence:
    """A track that was in an area.

    Attributes:
        track: the track.
        entered_at: media time of its first observation in the area within the interval asked for, UTC.
        left_at: media time of its last.
        observations: how many observations lie in the area and the interval.
    """

    track: TrackSummary
    entered_at: datetime
    left_at: datetime
    observations: int


@dataclass(frozen=True, slots=True)
class ActivityBin:
    """How busy a camera was in a slice of time.

    Attributes:
        start: media time at which the slice begins, UTC.
        tracks: how many different tracks were seen in it.
        observations: how many observations there are in it.
    """

    start: datetime
    tracks: int
    observations: int


def _check_event(kind: str, at: datetime) -> None:
    if at.utcoffset() is None:
        raise NaiveTimeError(f"the time of a camera's event must carry a time zone, is {at.isoformat()}")
    if not (1 <= len(kind) <= MAX_KIND_LENGTH and kind.isprintable()):
        raise ValueError(
            f"the kind of an event has 1 to {MAX_KIND_LENGTH} printable characters, not {kind!r}"
        )


def foot_points(xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 2) middle of the bottom edge of (N, 4) boxes, pixels: where a standing person touches the ground."""
    foot = xyxy[:, 2:].copy()
    foot[:, 0] += xyxy[:, 0]
    foot[:, 0] *= 0.5
    return foot
