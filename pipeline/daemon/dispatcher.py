"""Frames of the cameras of one device: batched, looked at, followed, handed on to be recorded."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

import structlog

from pipeline.accounting import DropReason
from pipeline.batching import BatchPlanner
from pipeline.daemon.device_worker import DeviceWorker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.schema import Settings
    from config.sections.detector import DetectorSettings
    from pipeline.daemon.held_frames import HeldFrame
    from pipeline.daemon.live_camera import LiveCamera
    from pipeline.daemon.loop import EventLoop
    from pipeline.daemon.metrics import DaemonMetrics
    from pipeline.device.messages import Answer, WorkerReady
    from storage.records import ObservationBatch

_log = structlog.get_logger("sitewatch.dispatch")


class Recorder(Protocol):
    """Takes what is to be written."""

    @property
    def has_room(self) -> bool:
        """Whether observations can be put without waiting for the database."""

    def knows(self, camera_id: str) -> bool:
        """Whether observations of this camera can be put."""

    def put(self, observations: ObservationBatch) -> None:
        """Write this."""

    def network_loaded(self, ready: WorkerReady) -> None:
        """Which network looks at the frames."""


class Dispatcher:
    """Brings the frames of its cameras through the stages.

    Args:
        detector: which network, on which device.
        settings: of the site.
        loop: watches the worker.
        recorder: takes the observations.
        metrics: told of batches and ages.

    Attributes:
        worker: of the device.
        cameras: whose frames it looks at, by id.
    """

    def __init__(
        self,
        detector: DetectorSettings,
        settings: Settings,
        loop: EventLoop,
        recorder: Recorder,
        metrics: DaemonMetrics,
    ) -> None:
        self._settings = settings
        self._recorder = recorder
        self._metrics = metrics
        self._planner = BatchPlanner(settings.batching, settings.batching.max_batch or 1)
        self.cameras: dict[str, LiveCamera] = {}
        self.worker = DeviceWorker(detector, settings, loop, self)

    def add(self, camera: LiveCamera) -> None:
        """Look at this camera's frames from now on."""
        self.cameras[camera.id] = camera
        self._planner.add(camera.id)

    def remove(self, camera: LiveCamera) -> None:
        """Take no more of its frames; those on their way come home by themselves."""
        del self.cameras[camera.id]
        self._planner.remove(camera.id)

    def dispatch(self, now_s: float) -> float | None:
        """Give the device what is due; when to come again, None for when something has happened."""
        for camera_id, camera in self.cameras.items():
            if news := camera.take_news():
                self._planner.arrived(camera_id, now_s, news)
        while self.worker.has_room:
            waiting = {
                camera_id: (count, camera.waiting_since_s)
                for camera_id, camera in self.cameras.items()
                if camera.waiting_since_s is not None
                and (count := camera.waiting)
                and self._recorder.knows(camera_id)
            }
            if not waiting or not self._recorder.has_room:
                return None
            due_s = self._planner.due_s(waiting, now_s)
            if due_s is None or due_s > now_s:
                return due_s
            picked = self._planner.pick({camera_id: count for camera_id, (count, _) in waiting.items()})
            frames = [held for name in picked if (held := self.cameras[name].lease(now_s)) is not None]
            if not frames:
                return None
            self._metrics.batch(self.worker.device, frames, now_s)
            self.worker.submit(frames)
        return None

    # The WorkerListener.

    def worker_ready(self, ready: WorkerReady) -> None:
        """The network is loaded."""
        self._planner.max_batch = self._settings.batching.max_batch or ready.batch_size
        for camera in self.cameras.values():
            camera.attach_again()
        self._recorder.network_loaded(ready)

    def answered(self, frames: Sequence[HeldFrame], answer: Answer) -> None:
        """A batch was looked at: follow the persons of each frame."""
        if answer.detections is None:
            _log.error(
                "batch refused", reason=answer.refusal, cameras=sorted({held.camera.id for held in frames})
            )
            for held in frames:
                held.camera.drop(held, DropReason.DETECTOR_FAILED)
            return
        self._metrics.detected(frames, answer.seconds)
        for held, detections in zip(frames, answer.detections, strict=True):
            began_s = time.perf_counter()
            observations = held.camera.follow(held, detections)
            for batch in observations:
                self._recorder.put(batch)
            self._metrics.followed(time.perf_counter() - began_s)

    def worker_ended(self, frames: Sequence[HeldFrame]) -> None:
        """The worker is gone, and these frames with it."""
        for held in frames:
            held.camera.drop(held, DropReason.WORKER_LOST)
