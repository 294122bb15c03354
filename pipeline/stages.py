"""What happens to a frame after it was captured: detect, describe, track, record.

The live daemon and the replay run these same stages. They know no files, clocks, threads or databases: frames go in,
observations come out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.timing import StageTimings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.base import AppearanceModel, Detector
    from models.detections import Detections
    from pipeline.confirmation import RecordingRule
    from pipeline.frames import Frame
    from pipeline.tracking.tracker import Tracker
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


class CameraStages:
    """Follows the persons of one camera from frame to frame.

    Args:
        tracker: of this camera alone.
        rule: which positions are recorded.
        appearance: describes what persons look like; None tracks by motion alone.
        timings: where the time is added up.
    """

    def __init__(
        self,
        tracker: Tracker,
        rule: RecordingRule,
        appearance: AppearanceModel | None = None,
        timings: StageTimings | None = None,
    ) -> None:
        self._tracker = tracker
        self._rule = rule
        self._appearance = appearance
        self._timings = timings or StageTimings()

    def process(self, frame: Frame, detections: Detections) -> list[ObservationBatch]:
        """Observations that became certain with this frame.

        Args:
            frame: later than the frame before.
            detections: of this frame.
        """
        descriptors = None
        if self._appearance is not None:
            with self._timings.of("describe"):
                descriptors = self._appearance.embed(frame.image, detections.xyxy)
        with self._timings.of("track"):
            tracks = self._tracker.update(detections, time_s=frame.time_s, appearance=descriptors)
            return self._rule.record(frame, tracks)
