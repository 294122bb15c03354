"""What happens to a frame after it was captured: detect, describe, track, record.

The live daemon and the replay run these same stages. They know no files, clocks, threads or databases: frames go in,
observations come out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.reid.colour_stripes import ColourStripes
from pipeline.timing import StageTimings
from pipeline.tracking.picture_motion import PictureMotion
from pipeline.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from config.sections.tracker import TrackerSettings
    from models.base import AppearanceModel, Detector
    from models.detections import Detections
    from pipeline.confirmation import RecordingRule
    from pipeline.frames import Frame
    from pipeline.tracking.tracks import Tracks
    from storage.records import ObservationBatch


class DetectStage:
    """Finds persons, batch by batch; frames of several cameras may share a batch.

    Args:
        detector: the network.
        timings: where the time is added up.
    """

    def __init__(self, detector: Detector, timings: StageTimings | None = None) -> None:
        self._detector = detector
        self._timings = timings or StageTimings()

    @property
    def batch_size(self) -> int:
        """How many frames a call takes best."""
        return self._detector.batch_size

    def process(self, frames: Sequence[Frame]) -> list[Detections]:
        """The persons of each frame."""
        with self._timings.of("detect", len(frames)):
            return self._detector.detect([frame.image for frame in frames])


class FollowStage:
    """Follows the persons of one camera from frame to frame.

    Args:
        tracker: of this camera alone.
        appearance: describes what persons look like; None tracks by motion alone.
        camera_motion: sees how the camera itself moved; None for one that stands still.
        timings: where the time is added up.
    """

    def __init__(
        self,
        tracker: Tracker,
        appearance: AppearanceModel | None = None,
        camera_motion: PictureMotion | None = None,
        timings: StageTimings | None = None,
    ) -> None:
        self._tracker = tracker
        self._appearance = appearance
        self._camera_motion = camera_motion
        self._timings = timings or StageTimings()

    @property
    def next_id(self) -> int:
        """The id that the next new track gets."""
        return self._tracker.next_id

    def process(self, detections: Detections, time_s: float, image: NDArray[np.uint8] | None) -> Tracks:
        """The tracks that were seen in a frame.

        Args:
            detections: of this frame.
            time_s: media time of the frame.
            image: (H, W, 3) uint8 BGR, or None where there is no picture of the frame: then motion alone counts.
        """
        descriptors = motion = None
        if image is not None and self._appearance is not None:
            with self._timings.of("describe"):
                descriptors = self._appearance.embed(image, detections.xyxy)
        if image is not None and self._camera_motion is not None:
            with self._timings.of("camera motion"):
                motion = self._camera_motion.estimate(image, detections.xyxy)
        with self._timings.of("track"):
            return self._tracker.update(
                detections, time_s=time_s, appearance=descriptors, camera_motion=motion
            )


def follow_stage(
    settings: TrackerSettings,
    *,
    frame_rate_hz: float,
    first_id: int = 1,
    timings: StageTimings | None = None,
) -> FollowStage:
    """The stage as configured, for one camera; its tracks are numbered from ``first_id``."""
    return FollowStage(
        Tracker(settings, frame_rate_hz=frame_rate_hz, first_id=first_id),
        ColourStripes(),
        PictureMotion() if settings.camera_motion == "pictures" else None,
        timings,
    )


class CameraStages:
    """What becomes of the detections of one camera.

    Args:
        follow: of this camera alone.
        rule: which positions are recorded.
    """

    def __init__(self, follow: FollowStage, rule: RecordingRule) -> None:
        self._follow = follow
        self._rule = rule

    @property
    def next_id(self) -> int:
        """The id that the next new track gets."""
        return self._follow.next_id

    def follow(self, frame: Frame, detections: Detections) -> Tracks:
        """The tracks that were seen in a frame.

        Args:
            frame: later than the frame before.
            detections: of this frame.
        """
        return self._follow.process(detections, frame.time_s, frame.image)

    def record(self, frame: Frame, tracks: Tracks) -> list[ObservationBatch]:
        """Observations that became certain with a frame: what :meth:`follow` said of it, and what waited for it."""
        return self._rule.record(frame, tracks)
