"""The replay of recordings, from opening them to the last result: the one place that puts all parts together."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from config.errors import InputError, InputNotFound, SitewatchError, StorageError
from config.sections.cameras import CameraSettings
from models.registry import build_detector
from pipeline.capture.opening import open_footage
from pipeline.capture.unreadable import UnreadableRecording
from pipeline.output_files import prepare_folder
from pipeline.replay.camera import ReplayedCamera
from pipeline.replay.cameras import camera_ids
from pipeline.replay.job import ReplayJob
from pipeline.replay.online_positions import OnlinePositions
from pipeline.replay.processing import process
from pipeline.replay.results import Results
from pipeline.replay.scoring import read_ground_truth
from storage.engine import open_database
from storage.records import RunStatus
from storage.repositories.runs import RunRepository
from storage.url import database_url, describe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from config.schema import Settings
    from pipeline.capture.source import FootageSource
    from pipeline.replay.interruption import StopRequest
    from pipeline.replay.progress import Progress
    from pipeline.replay.request import ReplayRequest, ReplayResult

DATABASE_NAME = "sitewatch.db"
"""In the folder of results, unless ``storage.url`` names another database."""


def replay(request: ReplayRequest, *, stop: StopRequest, progress: Progress) -> ReplayResult:
    """Replay recordings into a database, and write what was found.

    What is wrong before the first frame raises, and nothing was touched. What ends the replay early after that is
    the ``failure`` of the result: all that was seen until then has been written as far as that was possible, and
    the run is marked incomplete (if the database lets us; else the next run marks it).

    Args:
        request: what to replay, and how.
        stop: asked between frames.
        progress: told of frames.

    Raises:
        InputError: a recording does not exist, none of them can be read, or ground truth cannot.
        WeightsError, DeviceError, ConfigError: the detector cannot be built.
        StorageError: the database cannot take the run.
        OutputError: the folder of results cannot be made.
    """
    started_at, started_s = datetime.now(UTC), time.monotonic()
    with ExitStack() as resources:
        cameras = [resources.enter_context(camera) for camera in _opened(request, resources)]
        _require_one_readable(cameras)
        settings = _with_cameras(request.settings, cameras, request)
        detector = build_detector(settings.detector)
        prepare_folder(request.out)
        url = settings.storage.url
        database = url.get_secret_value() if url is not None else request.out / DATABASE_NAME
        engine = open_database(database, settings.storage)
        resources.callback(engine.dispose)
        runs = RunRepository(engine)
        run_id = runs.start(
            cameras={camera.camera_id: str(camera.footage.path) for camera in cameras},
            config=settings.model_dump(mode="json"),
            weights={"detector": dict(detector.provenance)},
            version=version("sitewatch"),
        )
        job = ReplayJob(run_id, request.out, settings, cameras, detector, engine, stop, progress)
        return _run(job, runs, Results(job, describe(database_url(database)), started_at, started_s))


def _opened(request: ReplayRequest, resources: ExitStack) -> Iterator[ReplayedCamera]:
    truths = iter(request.ground_truth)
    ids = camera_ids(request.recordings)
    for path, camera_id in zip(request.recordings, ids, strict=True):
        footage = _footage(request, path, camera_id)
        resources.callback(footage.close)
        named = next(truths, None)
        truth = None if named is None else read_ground_truth(named)
        scored_online = truth is not None and request.settings.replay.second_look
        yield ReplayedCamera(footage, truth, online=OnlinePositions() if scored_online else None)


def _footage(request: ReplayRequest, path: Path, camera_id: str) -> FootageSource:
    """A recording that is there but cannot be read does not keep the others from being replayed."""
    try:
        return open_footage(
            path,
            camera_id,
            image_rate_hz=request.settings.replay.image_rate_hz,
            recorded_at=request.recorded_at,
        )
    except InputNotFound:  # a name that is mistyped is better told at once
        raise
    except InputError as failure:
        return UnreadableRecording(path, camera_id, failure)


def _require_one_readable(cameras: list[ReplayedCamera]) -> None:
    unreadable = [camera.footage for camera in cameras if isinstance(camera.footage, UnreadableRecording)]
    if len(unreadable) == len(cameras):
        raise unreadable[0].failure


def _with_cameras(settings: Settings, cameras: list[ReplayedCamera], request: ReplayRequest) -> Settings:
    """The configuration that the run records: its cameras are the recordings."""
    recordings = tuple(
        CameraSettings(id=camera.camera_id, source=str(camera.footage.path), recorded_at=request.recorded_at)
        for camera in cameras
    )
    return settings.model_copy(update={"cameras": recordings})


def _run(job: ReplayJob, runs: RunRepository, results: Results) -> ReplayResult:
    with _marked_incomplete_on_failure(job, runs):
        results.first_pass_s = process(job)
        if job.ending.failures:  # before the results: who stops again, or kills us, finds the run marked
            _finish_if_possible(job, runs)
        result = results.write()
        if job.ending.failures:
            _finish_if_possible(job, runs)
        else:
            _finish(job, runs)
    return result


@contextmanager
def _marked_incomplete_on_failure(job: ReplayJob, runs: RunRepository) -> Iterator[None]:
    """For what nobody foresaw, and for operators who do not want to wait for the results."""
    try:
        yield
    except BaseException as error:
        _finish_if_possible(job, runs, *([] if job.ending.failures else [_reason(error)]))
        raise


def _reason(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return str(error) if isinstance(error, SitewatchError) else f"{type(error).__name__}: {error}"


def _finish_if_possible(job: ReplayJob, runs: RunRepository, *reasons: str) -> None:
    with suppress(StorageError):  # the failure that was noted before is the one to show
        _finish(job, runs, *reasons)


def _finish(job: ReplayJob, runs: RunRepository, *reasons: str) -> None:
    told = [*reasons, *job.incomplete()]
    status = RunStatus.INCOMPLETE if told else RunStatus.COMPLETE
    frames = {camera.camera_id: camera.frame_counts() for camera in job.cameras}
    runs.finish(job.run_id, status, frames, "; ".join(told) or None)
