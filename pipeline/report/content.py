"""What a report shows: plain values that a replay fills in and the page only draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from pipeline.accounting import FrameCounts
    from pipeline.evaluation.scores import LocatedErrors, TrackingScores


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """The way of one person through the picture, thinned out by the caller to a bounded number of points.

    Attributes:
        number: the track's number.
        time_s: (N,) float64, seconds since the first frame, rising.
        xyxy: (N, 4) float32 pixels; the foot point is the middle of the bottom edge.
        interpolated: (N,) bool, True where the second look filled a gap.
    """

    number: int
    time_s: NDArray[np.float64]
    xyxy: NDArray[np.float32]
    interpolated: NDArray[np.bool_]

    def __post_init__(self) -> None:
        count = len(self.time_s)
        if self.xyxy.shape != (count, 4) or self.interpolated.shape != (count,):
            raise ValueError(
                f"Trajectory of {count} points needs xyxy {(count, 4)} and interpolated {(count,)}, "
                f"has {self.xyxy.shape} and {self.interpolated.shape}"
            )
        if not np.isfinite(self.xyxy).all():
            raise ValueError("Trajectory.xyxy must be finite")

    @property
    def foot(self) -> NDArray[np.float32]:
        """(N, 2) float32 pixels, where the person stands."""
        return np.stack([(self.xyxy[:, 0] + self.xyxy[:, 2]) / 2, self.xyxy[:, 3]], axis=1)


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """One row of the table of tracks, computed by the caller from all observations.

    Attributes:
        number: the track's number.
        first_s: when it was first seen, seconds since the first frame.
        last_s: when it was last seen.
        observations: in how many frames it has a position, interpolated ones included.
        interpolated: in how many of these the position was filled in.
        distance_px: length of the way of the foot point, pixels.
        distance_heights: the same in heights of the person, comparable between near and far.
        score: mean confidence of the detections, [0, 1].
    """

    number: int
    first_s: float
    last_s: float
    observations: int
    interpolated: int
    distance_px: float
    distance_heights: float
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """Persons in the picture over time.

    Attributes:
        bin_s: length of a bin, seconds.
        mean_persons: (B,) float64, mean number of tracks a frame in each bin.
        peak_persons: (B,) int64, the most tracks in one frame of it.
    """

    bin_s: float
    mean_persons: NDArray[np.float64]
    peak_persons: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CameraEvaluation:
    """How one camera's tracks compare with ground truth.

    Attributes:
        scores: label (``online``, ``second look``) → scores, in the order of the columns.
        errors: where the errors are, for the label ``errors_of``.
        errors_of: the label whose errors are shown.
        fps: frames a second, to turn a frame number of ``errors`` into a time.
    """

    scores: Mapping[str, TrackingScores]
    errors: LocatedErrors
    errors_of: str
    fps: float


@dataclass(frozen=True, slots=True, eq=False)
class CameraReport:
    """All about one camera or recording.

    Attributes:
        camera_id: name of the camera.
        source: what was replayed, a file name without its folder.
        frame_size: (width, height) pixels, upright.
        duration_s: media time from the first to the last frame.
        started_at: UTC time of the first frame.
        background: (H, W, 3) uint8 BGR, the scene without persons, or None for a plain ground.
        trajectories: the ways of all tracks.
        tracks: one summary a track.
        activity: persons over time.
        accounting: where the frames went.
        notes: things the reader must know, such as a damaged part that was skipped; one sentence each.
        evaluation: agreement with ground truth, where there is one.
    """

    camera_id: str
    source: str
    frame_size: tuple[int, int]
    duration_s: float
    started_at: datetime
    background: NDArray[np.uint8] | None
    trajectories: Sequence[Trajectory]
    tracks: Sequence[TrackSummary]
    activity: Activity
    accounting: FrameCounts
    notes: Sequence[str] = ()
    evaluation: CameraEvaluation | None = None

    def __post_init__(self) -> None:
        if self.started_at.utcoffset() is None:
            raise ValueError("CameraReport.started_at must carry a time zone")
        if min(self.frame_size) < 1:
            raise ValueError(f"CameraReport.frame_size must be positive, is {self.frame_size}")


@dataclass(frozen=True, slots=True)
class StageTiming:
    """Time spent in one stage of the replay.

    Attributes:
        name: ``decode``, ``detect``, ``track``, ...
        seconds: wall time of the stage, all cameras.
    """

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """The whole page.

    All but ``timings`` and ``run_metadata`` is the same, byte for byte, for the same footage and configuration; these
    two are shown in one section of their own, between the comments ``run metadata: begin`` and ``run metadata: end``.

    Attributes:
        title: heading of the page.
        complete: False when the run stopped early, or could not be finished.
        cameras: one part each.
        settings: what the result depends on: detector, weights' hash, input size, tracker ...
        timings: time a stage; run metadata.
        run_metadata: when, where and how fast it ran.
        incomplete_reasons: why the run is not complete, one sentence each.
    """

    title: str
    complete: bool
    cameras: Sequence[CameraReport]
    settings: Mapping[str, str]
    timings: Sequence[StageTiming] = ()
    run_metadata: Mapping[str, str] = field(default_factory=dict)
    incomplete_reasons: Sequence[str] = ()
