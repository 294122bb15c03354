"""What a replay leaves of each camera beside the database, read back from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.errors import Interrupted
from pipeline.motchallenge import write_results
from pipeline.output_files import prepare_folder
from pipeline.replay.activity import activity
from pipeline.replay.annotation import write_annotated_video
from pipeline.replay.interruption import StopRequest
from pipeline.replay.notes import notes
from pipeline.replay.overview import overview
from pipeline.replay.scoring import evaluate_camera
from pipeline.replay.tables import as_tables
from pipeline.report.content import CameraReport
from storage.repositories.tracks import TrackRepository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.replay.camera import Pace, ReplayedCamera
    from pipeline.replay.job import ReplayJob
    from pipeline.replay.overview import TracksOverview
    from pipeline.report.content import CameraEvaluation
    from storage.records import Observation

TRACKS_NAME = "tracks.txt"
VIDEO_NAME = "annotated.mp4"


@dataclass(slots=True)
class CameraOutputs:
    """What was written and found out about one camera; what could not be had is missing.

    Attributes:
        files: name → path.
        overview: its tracks.
        report: its part of the report.
    """

    files: dict[str, Path] = field(default_factory=dict)
    overview: TracksOverview | None = None
    report: CameraReport | None = None

    @property
    def evaluation(self) -> CameraEvaluation | None:
        """Agreement with ground truth, where there is one."""
        return None if self.report is None else self.report.evaluation


class OutputWriter:
    """Writes the results of one camera after the other. A file that fails is noted, and the others are written."""

    def __init__(self, job: ReplayJob) -> None:
        self._job = job
        self._tracks = TrackRepository(job.engine)
        # A request that ended the first pass has been heeded; the next one ends the process.
        self._stop = StopRequest() if job.ending.interrupted else job.stop

    def write(self, camera: ReplayedCamera, folder: Path) -> CameraOutputs:
        """All that is quickly written, and the part of the report. Nothing of a camera that gave no frame."""
        outputs = CameraOutputs()
        if camera.pace is None:
            return outputs
        frames = camera.accounting.counts().processed
        timings, noting = self._job.timings, self._job.ending.noting
        with noting(), timings.of("results", frames):
            prepare_folder(folder)
            write_results(folder / TRACKS_NAME, as_tables(self._observations(camera)))
            outputs.files["tracks"] = folder / TRACKS_NAME
        with noting():
            evaluation = self._evaluation(camera)
            with timings.of("report", frames):
                outputs.overview = self._overview(camera, camera.pace)
                outputs.report = self._report(camera, camera.pace, outputs.overview, evaluation)
        return outputs

    def write_video(self, camera: ReplayedCamera, folder: Path, outputs: CameraOutputs) -> None:
        """The annotated video of all frames that were processed; up to the present one if the operator stops it."""
        frames = camera.accounting.counts().processed
        if not frames or camera.hung:  # who hung once is not asked again
            return
        path = folder / VIDEO_NAME
        if self._stop.requested:
            self._job.ending.note(Interrupted(f"interrupted: {path} was not written"))
            return
        self._job.progress.begin(f"{camera.camera_id}: annotated video", frames)
        with self._job.ending.noting(), self._job.timings.of("video", frames):
            written = write_annotated_video(
                path,
                camera.footage,
                self._observations(camera),
                frames=frames,
                trail_s=self._job.settings.replay.trail_s,
                timeout_s=self._job.settings.replay.decoder_timeout_s,
                comment="; ".join(camera.incomplete),
                stop=self._stop,
                progress=self._job.progress,
            )
            outputs.files["video"] = path
            if written < frames:
                raise Interrupted(f"interrupted: {path} ends after {written:,} of {frames:,} frames")

    def _observations(self, camera: ReplayedCamera) -> Iterator[Observation]:
        return self._tracks.iter_observations(self._job.run_id, camera.camera_id)

    def _overview(self, camera: ReplayedCamera, pace: Pace) -> TracksOverview:
        trajectories = self._tracks.iter_tracks(self._job.run_id, camera.camera_id)
        return overview(trajectories, pace.started_at)

    def _evaluation(self, camera: ReplayedCamera) -> CameraEvaluation | None:
        if camera.truth is None:
            return None
        frames = camera.accounting.counts().processed
        with self._job.timings.of("evaluate", frames):
            return evaluate_camera(
                lambda: self._observations(camera),
                camera.truth,
                frames=frames,
                rate_hz=camera.footage.nominal_rate_hz,
                online=camera.online,
                complete=not camera.incomplete,
            )

    def _report(
        self, camera: ReplayedCamera, pace: Pace, found: TracksOverview, evaluation: CameraEvaluation | None
    ) -> CameraReport:
        return CameraReport(
            camera_id=camera.camera_id,
            source=camera.footage.path.name,
            frame_size=pace.frame_size,
            duration_s=pace.duration_s,
            started_at=pace.started_at,
            background=camera.background.picture(),
            trajectories=found.ways,
            tracks=found.summaries,
            activity=activity(self._observations(camera), pace.started_at, camera.tally),
            accounting=camera.accounting.counts(),
            notes=notes(camera, found, scored=evaluation is not None),
            evaluation=evaluation,
        )
