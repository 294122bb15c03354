"""The replay of recordings, from opening them to the last result: the one place that puts all parts together."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from config.errors import SitewatchError, StorageError
from config.sections.cameras import CameraSettings
from models.registry import build_detector
from models.reid.colour_stripes import ColourStripes
from pipeline.capture.opening import open_footage
from pipeline.confirmation import RecordingRule
from pipeline.output_files import prepare_folder
from pipeline.replay.camera import ReplayedCamera
from pipeline.replay.cameras import camera_ids
from pipeline.replay.first_pass import FirstPass
from pipeline.replay.outputs import OutputWriter
from pipeline.replay.request import ReplayResult
from pipeline.replay.scoring import read_ground_truth
from pipeline.replay.second_look import take_second_look
from pipeline.replay.summary import (
    SUMMARY_NAME,
    camera_summary,
    peak_memory_mb,
    stage_summary,
    summary,
    write_summary,
)
from pipeline.report.content import ReplayReport, StageTiming
from pipeline.report.page import write_report
from pipeline.stages import CameraStages, DetectStage
from pipeline.timing import StageTimings
from pipeline.tracking.tracker import Tracker
from storage.engine import open_database
from storage.records import RunStatus
from storage.repositories.runs import RunRepository
from storage.repositories.tracks import TrackRepository
from storage.url import database_url, describe
from storage.writer import ObservationWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Engine

    from config.schema import Settings
    from models.base import Detector
    from pipeline.replay.interruption import StopRequest
    from pipeline.replay.outputs import CameraOutputs
    from pipeline.replay.progress import Progress
    from pipeline.replay.request import ReplayRequest

DATABASE_NAME = "sitewatch.db"
"""In the folder of results, unless ``storage.url`` names another database."""
REPORT_NAME = "report.html"


def replay(request: ReplayRequest, *, stop: StopRequest, progress: Progress) -> ReplayResult:
    """Replay recordings into a database, and write what was found.

    Whatever ends it early, what was processed stays in the database and its run is marked incomplete (if the
    database lets us; else the next run marks it).

    Args:
        request: what to replay, and how.
        stop: asked between frames.
        progress: told of frames.

    Raises:
        InputError: a recording or ground truth cannot be read.
        WeightsError, DeviceError, ConfigError: the detector cannot be built.
        StorageError: the database cannot take the run.
        OutputError: a result cannot be written.
        Interrupted: the operator wants to stop.
    """
    with ExitStack() as resources:
        cameras = [resources.enter_context(camera) for camera in _opened(request, resources)]
        settings = _with_cameras(request.settings, cameras, request)
        detector = build_detector(settings.detector)
        prepare_folder(request.out)
        url = settings.storage.url
        database = url.get_secret_value() if url is not None else request.out / DATABASE_NAME
        engine = open_database(database, settings.storage)
        resources.callback(engine.dispose)
        running = _Replay(request.out, settings, cameras, detector, engine, stop, progress)
        return running.run(describe(database_url(database)))


def _opened(request: ReplayRequest, resources: ExitStack) -> Iterator[ReplayedCamera]:
    truths = iter(request.ground_truth)
    ids = camera_ids(request.recordings)
    for path, camera_id in zip(request.recordings, ids, strict=True):
        footage = open_footage(
            path,
            camera_id,
            image_rate_hz=request.settings.replay.image_rate_hz,
            recorded_at=request.recorded_at,
        )
        resources.callback(footage.close)
        truth = next(truths, None)
        yield ReplayedCamera(footage, None if truth is None else read_ground_truth(truth))


def _with_cameras(settings: Settings, cameras: list[ReplayedCamera], request: ReplayRequest) -> Settings:
    """The configuration that the run records: its cameras are the recordings."""
    recordings = tuple(
        CameraSettings(id=camera.camera_id, source=str(camera.footage.path), recorded_at=request.recorded_at)
        for camera in cameras
    )
    return settings.model_copy(update={"cameras": recordings})


@dataclass(slots=True)
class _Replay:
    """A replay whose parts are ready."""

    out: Path
    settings: Settings
    cameras: list[ReplayedCamera]
    detector: Detector
    engine: Engine
    stop: StopRequest
    progress: Progress
    timings: StageTimings = field(default_factory=StageTimings)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started_s: float = field(default_factory=time.monotonic)

    def run(self, database: str) -> ReplayResult:
        runs = RunRepository(self.engine)
        run_id = runs.start(
            cameras={camera.camera_id: str(camera.footage.path) for camera in self.cameras},
            config=self.settings.model_dump(mode="json"),
            weights=self._networks(),
            version=version("sitewatch"),
        )
        with self._marked_incomplete_on_failure(runs, run_id):
            first_pass_s = self._process(run_id)
            incomplete = "; ".join(filter(None, (camera.incomplete for camera in self.cameras))) or None
            result = self._write_results(run_id, database, incomplete, first_pass_s)
            status = RunStatus.COMPLETE if incomplete is None else RunStatus.INCOMPLETE
            runs.finish(run_id, status, self._frame_counts(), incomplete)
        return result

    @contextmanager
    def _marked_incomplete_on_failure(self, runs: RunRepository, run_id: int) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            reason = str(error) if isinstance(error, SitewatchError) else f"{type(error).__name__}: {error}"
            with suppress(StorageError):  # the error under way is the one to show
                runs.finish(run_id, RunStatus.INCOMPLETE, self._frame_counts(), reason)
            raise

    def _process(self, run_id: int) -> float:
        """From frames to rows in the database; seconds of the first pass."""
        replay_settings = self.settings.replay
        with ObservationWriter(self.engine, run_id, self.settings.storage) as writer:
            first_pass = FirstPass(
                detect=DetectStage(self.detector, self.timings),
                put=writer.put,
                timings=self.timings,
                stop=self.stop,
                progress=self.progress,
                decoder_timeout_s=replay_settings.decoder_timeout_s,
            )
            began_s = time.monotonic()
            for camera in self.cameras:
                self.progress.begin(f"{camera.camera_id}: detect and track", camera.footage.frames_expected)
                first_pass.run(camera, self._stages(camera))
            with self.timings.of("write"):
                writer.flush()
            first_pass_s = time.monotonic() - began_s
            if replay_settings.second_look and replay_settings.fill_gap_s > 0:
                with self.timings.of("second look", sum(len(camera.times) for camera in self.cameras)):
                    self._second_look(run_id, writer)
        return first_pass_s

    def _stages(self, camera: ReplayedCamera) -> CameraStages:
        rate_hz = float(camera.footage.nominal_rate_hz)
        return CameraStages(
            Tracker(self.settings.tracker, frame_rate_hz=rate_hz),
            RecordingRule(backfill=self.settings.replay.second_look),
            ColourStripes(),
            self.timings,
        )

    def _second_look(self, run_id: int, writer: ObservationWriter) -> None:
        tracks = TrackRepository(self.engine)
        for camera in self.cameras:
            take_second_look(
                tracks.iter_tracks(run_id, camera.camera_id),
                camera.times,
                writer.put,
                fill_gap_s=self.settings.replay.fill_gap_s,
                stop=self.stop,
            )

    def _write_results(
        self, run_id: int, database: str, incomplete: str | None, first_pass_s: float
    ) -> ReplayResult:
        outputs = OutputWriter(
            TrackRepository(self.engine),
            run_id,
            self.settings.replay,
            self.timings,
            self.stop,
            self.progress,
        )
        written = {camera.camera_id: outputs.write(camera, self._folder(camera)) for camera in self.cameras}
        metadata = self._run_metadata(run_id, database, first_pass_s)
        report_path, summary_path = self.out / REPORT_NAME, self.out / SUMMARY_NAME
        write_report(self._report(written, incomplete, metadata), report_path)
        content = self._summary(written, incomplete, metadata)
        write_summary(summary_path, content)
        videos = [one.files["video"] for one in written.values() if "video" in one.files]
        tables = [one.files["tracks"] for one in written.values()]
        scores = {name: one.evaluation.scores for name, one in written.items() if one.evaluation is not None}
        files = (report_path, *videos, *tables, summary_path)
        return ReplayResult(run_id, incomplete, content, scores, files, database)

    def _folder(self, camera: ReplayedCamera) -> Path:
        return self.out if len(self.cameras) == 1 else self.out / camera.camera_id

    def _summary(
        self, written: Mapping[str, CameraOutputs], incomplete: str | None, metadata: Mapping[str, Any]
    ) -> dict[str, Any]:
        by_camera = {
            camera.camera_id: camera_summary(camera, written[camera.camera_id], self.out)
            for camera in self.cameras
        }
        return summary(
            version=version("sitewatch"),
            incomplete=incomplete,
            settings=self.settings,
            networks=self._networks(),
            cameras=by_camera,
            run_metadata=metadata,
        )

    def _report(
        self, written: Mapping[str, CameraOutputs], incomplete: str | None, metadata: Mapping[str, Any]
    ) -> ReplayReport:
        names = ", ".join(camera.footage.path.name for camera in self.cameras)
        seconds, items = self.timings.seconds, self.timings.items
        return ReplayReport(
            title=f"Replay of {names}",
            complete=incomplete is None,
            cameras=[one.report for one in written.values()],
            settings=self._report_settings(),
            timings=[StageTiming(stage, seconds[stage], items[stage]) for stage in seconds],
            run_metadata={
                key.replace("_", " "): str(value) for key, value in metadata.items() if key != "stages"
            },
        )

    def _report_settings(self) -> dict[str, str]:
        settings = {f"detector {key}": value for key, value in sorted(self.detector.provenance.items())}
        settings["score threshold"] = f"{self.settings.detector.score_threshold:g}"
        settings["mode"] = "second look" if self.settings.replay.second_look else "online"
        settings["sitewatch"] = version("sitewatch")
        return settings

    def _run_metadata(self, run_id: int, database: str, first_pass_s: float) -> dict[str, Any]:
        frames = sum(camera.accounting.counts().processed for camera in self.cameras)
        return {
            "run": run_id,
            "database": database,
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "wall_s": round(time.monotonic() - self.started_s, 3),
            "first_pass_s": round(first_pass_s, 3),
            "frames_per_s": round(frames / max(first_pass_s, 1e-9), 1),
            "peak_memory_mb": peak_memory_mb(),
            "stages": stage_summary(self.timings),
        }

    def _networks(self) -> dict[str, dict[str, str]]:
        return {"detector": dict(self.detector.provenance)}

    def _frame_counts(self) -> Any:
        return {camera.camera_id: camera.frame_counts() for camera in self.cameras}
