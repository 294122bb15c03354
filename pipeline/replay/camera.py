"""One recording under replay, and what was learnt about it on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from pipeline.accounting import DropReason, FrameAccounting
from pipeline.replay.activity import FrameTally
from pipeline.replay.frame_times import FrameTimes
from pipeline.report.background import SceneBackground
from storage.records import FrameCounts

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from pipeline.capture.health import RecordingHealth
    from pipeline.capture.source import FootageSource
    from pipeline.frames import Frame
    from pipeline.motchallenge import MotTable
    from pipeline.replay.online_positions import OnlinePositions


@dataclass(frozen=True, slots=True)
class Pace:
    """A recording as a whole.

    Attributes:
        frame_size: (width, height) pixels of the first frame, upright.
        started_at: UTC time of the first frame.
        duration_s: media time from the first frame to the last.
    """

    frame_size: tuple[int, int]
    started_at: datetime
    duration_s: float


@dataclass(slots=True)
class ReplayedCamera:
    """A recording as the camera that it came from. Use as a context manager: leaving it lets go of all files.

    Attributes:
        footage: the recording.
        truth: who was where, if that is known.
        accounting: what became of its frames.
        tally: frames over time.
        times: the time of every frame.
        background: the scene without its people.
        online: what a live daemon would have said; None where the second look will not rewrite it, or nobody asks.
        refused_boxes: boxes of its frames that the network gave and that are none, such as NaN.
        pace: None until a frame was processed.
        shortfall: why the replay of it ended before its last frame; None if it did not.
        hung: its decoder never came back: it may still hold the file, which must not be read a second time.
    """

    footage: FootageSource
    truth: MotTable | None = None
    accounting: FrameAccounting = field(default_factory=FrameAccounting)
    tally: FrameTally = field(default_factory=FrameTally)
    times: FrameTimes = field(default_factory=FrameTimes)
    background: SceneBackground = field(default_factory=SceneBackground)
    online: OnlinePositions | None = None
    refused_boxes: int = 0
    pace: Pace | None = None
    shortfall: str | None = None
    hung: bool = False
    _health: RecordingHealth | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.times.close()
        if self.online is not None:
            self.online.close()
        self.footage.close()

    @property
    def camera_id(self) -> str:
        """Name of the camera."""
        return self.footage.camera_id

    @property
    def health(self) -> RecordingHealth:
        """What was wrong with the recording: as the first pass met it, once that has ended."""
        return self._health or self.footage.health

    @property
    def incomplete(self) -> list[str]:
        """Why not all frames that the camera took were processed; empty if they were."""
        reasons = [] if self.shortfall is None else [self.shortfall]
        if self.health.cut_short:
            reasons.append(f"{self.footage.path.name} is cut short: its end is missing")
        if self.health.growing:
            reasons.append(
                f"{self.footage.path.name} was still growing: what came after the start of the replay is missing"
            )
        return reasons

    def end(self) -> None:
        """The first pass has ended, whatever ended it: frames that are still on their way are given up."""
        self.accounting.close(DropReason.INTERRUPTED)
        self._health = self.footage.health

    def frame_counts(self) -> FrameCounts:
        """The accounting as the database keeps it."""
        counts = self.accounting.counts()
        dropped = {str(reason): number for reason, number in counts.dropped.items()}
        return FrameCounts(counts.captured, counts.processed, dropped, self.health.damaged_packets)

    def note(self, frame: Frame) -> None:
        """Remember of a processed frame what the report needs."""
        self.tally.add(frame.time_s)
        if self.pace is None:
            height, width = frame.image.shape[:2]
            self.pace = Pace((width, height), frame.captured_at, frame.time_s)
        else:
            self.pace = Pace(self.pace.frame_size, self.pace.started_at, frame.time_s)
