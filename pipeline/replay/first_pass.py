"""From a recording to observations: decode, detect, describe, track, write, each beside the others.

The detector is by far the slowest stage. It runs in a thread of its own and always finds its next batch waiting; while
it works (outside Python's lock) this thread tracks the batch before, the decoder decodes the one after, and the
database's writer writes.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from config.errors import InputError
from pipeline.capture.decoding import DecodingThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from models.detections import Detections
    from pipeline.frames import Frame
    from pipeline.replay.camera import ReplayedCamera
    from pipeline.replay.interruption import StopRequest
    from pipeline.replay.progress import Progress
    from pipeline.stages import CameraStages, DetectStage
    from pipeline.timing import StageTimings
    from storage.records import ObservationBatch

_BATCHES_AHEAD = 2
"""One in the detector's hands, one waiting: the detector never waits, and memory stays bounded."""
_BATCH_BYTES = 96 * 1024 * 1024
"""Pictures of a batch take at most so much memory: large pictures travel in smaller batches."""


class FirstPass:
    """Runs the stages over one recording.

    Args:
        detect: finds persons.
        put: takes observations; may make us wait, never forgets.
        timings: where the time is added up.
        stop: asked before every frame.
        progress: told of every frame.
        decoder_timeout_s: a decoder that gives no frame for so long is taken for dead.
    """

    def __init__(
        self,
        *,
        detect: DetectStage,
        put: Callable[[ObservationBatch], None],
        timings: StageTimings,
        stop: StopRequest,
        progress: Progress,
        decoder_timeout_s: float,
    ) -> None:
        self._detect = detect
        self._put = put
        self._timings = timings
        self._stop = stop
        self._progress = progress
        self._timeout_s = decoder_timeout_s

    def run(self, camera: ReplayedCamera, stages: CameraStages) -> None:
        """All frames of a recording.

        A recording that fails has its frames processed up to there. When this ends early for any other reason, frames
        that were decoded but not processed are counted as dropped.

        Raises:
            InputError: the recording gives no frame, or no more.
            Interrupted: the operator wants to stop.
            StorageError: observations cannot be written.
        """
        decoding = DecodingThread(
            camera.footage,
            timeout_s=self._timeout_s,
            accounting=camera.accounting,
            check=self._stop.check,
        )
        try:
            with decoding, _one_thread() as detecting:
                for frame, detections in self._detected(decoding, detecting):
                    self._stop.check()
                    self._process(camera, stages, frame, detections)
        finally:
            camera.end()
            self._timings.add("decode", decoding.busy_s, camera.accounting.counts().captured)

    def _process(
        self, camera: ReplayedCamera, stages: CameraStages, frame: Frame, detections: Detections
    ) -> None:
        """Through all stages; a frame whose time or rows cannot be written was not processed."""
        tracks = stages.follow(frame, detections)
        camera.times.append(frame.captured_at)
        if camera.online is not None:
            camera.online.append(frame.index, tracks)
        for batch in stages.record(frame, tracks):
            self._put(batch)
        camera.background.add(frame.image, detections.xyxy)
        camera.refused_boxes += detections.refused
        camera.note(frame)
        camera.accounting.frame_processed()
        self._progress.advance()

    def _detected(
        self, frames: Iterable[Frame], detecting: ThreadPoolExecutor
    ) -> Iterator[tuple[Frame, Detections]]:
        """Frames in order, each with its detections, while the detector is kept busy ahead.

        Frames that came before the recording failed are not lost.
        """
        ahead: deque[tuple[list[Frame], Future[list[Detections]]]] = deque()
        failure: InputError | None = None
        try:
            for batch in _batches(frames, self._detect.batch_size):
                ahead.append((batch, detecting.submit(self._detect.process, batch)))
                if len(ahead) > _BATCHES_AHEAD:
                    yield from _landed(*ahead.popleft())
        except InputError as error:
            failure = error
        while ahead:
            yield from _landed(*ahead.popleft())
        if failure is not None:
            raise failure


@contextmanager
def _one_thread() -> Iterator[ThreadPoolExecutor]:
    """For the detector. Batches that nobody will ask for are not begun."""
    with ThreadPoolExecutor(1, thread_name_prefix="detect") as detecting:
        try:
            yield detecting
        finally:
            detecting.shutdown(wait=False, cancel_futures=True)


def _landed(frames: list[Frame], detections: Future[list[Detections]]) -> Iterator[tuple[Frame, Detections]]:
    yield from zip(frames, detections.result(), strict=True)


def _batches(frames: Iterable[Frame], size: int) -> Iterator[list[Frame]]:
    batch: list[Frame] = []
    try:
        for frame in frames:
            batch.append(frame)
            if len(batch) >= min(size, max(1, _BATCH_BYTES // frame.image.nbytes)):
                yield batch
                batch = []
    except InputError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
