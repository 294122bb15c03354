"""Everything a replay leaves beside the database, read back from it and written file by file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.motchallenge import write_results
from pipeline.output_files import prepare_folder
from pipeline.replay.activity import activity
from pipeline.replay.annotation import write_annotated_video
from pipeline.replay.overview import overview
from pipeline.replay.scoring import evaluate_camera
from pipeline.replay.tables import as_tables
from pipeline.report.content import CameraReport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from config.sections.replay import ReplaySettings
    from pipeline.replay.camera import ReplayedCamera
    from pipeline.replay.interruption import StopRequest
    from pipeline.replay.overview import TracksOverview
    from pipeline.replay.progress import Progress
    from pipeline.report.content import CameraEvaluation
    from pipeline.timing import StageTimings
    from storage.records import Observation
    from storage.repositories.tracks import TrackRepository

TRACKS_NAME = "tracks.txt"
VIDEO_NAME = "annotated.mp4"


@dataclass(frozen=True, slots=True)
class CameraOutputs:
    """What was written and found out about one camera.

    Attributes:
        files: name → path.
        overview: its tracks.
        report: its part of the report.
    """

    files: dict[str, Path]
    overview: TracksOverview
    report: CameraReport

    @property
    def evaluation(self) -> CameraEvaluation | None:
        """Agreement with ground truth, where there is one."""
        return self.report.evaluation


@dataclass(frozen=True, slots=True)
class OutputWriter:
    """Writes the results of one camera after the other.

    Attributes:
        tracks: where they are read from.
        run_id: which run.
        settings: what to write.
        timings: where the time is added up.
        stop: asked before every frame.
        progress: told of every frame.
    """

    tracks: TrackRepository
    run_id: int
    settings: ReplaySettings
    timings: StageTimings
    stop: StopRequest
    progress: Progress

    def write(self, camera: ReplayedCamera, folder: Path) -> CameraOutputs:
        """All files of one camera.

        Raises:
            OutputError: a file cannot be written.
            DiskFull: no space left.
            InputError: the recording cannot be read again.
            Interrupted: the operator wants to stop.
        """
        prepare_folder(folder)
        files = {"tracks": folder / TRACKS_NAME}
        with self.timings.of("results", camera.accounting.counts().processed):
            write_results(files["tracks"], as_tables(self._observations(camera)))
        if self.settings.annotated_video:
            files["video"] = folder / VIDEO_NAME
            self._write_video(camera, files["video"])
        evaluation = self._evaluation(camera)
        with self.timings.of("report", camera.accounting.counts().processed):
            found = self._overview(camera)
            return CameraOutputs(files, found, self._report(camera, found, evaluation))

    def _observations(self, camera: ReplayedCamera) -> Iterator[Observation]:
        return self.tracks.iter_observations(self.run_id, camera.camera_id)

    def _overview(self, camera: ReplayedCamera) -> TracksOverview:
        assert camera.pace is not None  # noqa: S101  a recording without a frame ended before
        trajectories = self.tracks.iter_tracks(self.run_id, camera.camera_id)
        return overview(trajectories, camera.pace.started_at)

    def _write_video(self, camera: ReplayedCamera, path: Path) -> None:
        frames = camera.accounting.counts().processed
        self.progress.begin(f"{camera.camera_id}: annotated video", frames)
        with self.timings.of("video", frames):
            write_annotated_video(
                path,
                camera.footage,
                self._observations(camera),
                trail_s=self.settings.trail_s,
                timeout_s=self.settings.decoder_timeout_s,
                stop=self.stop,
                progress=self.progress,
            )

    def _evaluation(self, camera: ReplayedCamera) -> CameraEvaluation | None:
        if camera.truth is None:
            return None
        frames = camera.accounting.counts().captured
        with self.timings.of("evaluate", frames):
            return evaluate_camera(
                lambda: self._observations(camera),
                camera.truth,
                frames=frames,
                rate_hz=camera.footage.nominal_rate_hz,
                second_look=self.settings.second_look,
            )

    def _report(
        self, camera: ReplayedCamera, found: TracksOverview, evaluation: CameraEvaluation | None
    ) -> CameraReport:
        pace = camera.pace
        assert pace is not None  # noqa: S101  a recording without a frame ended before
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
            notes=_notes(camera, found),
            evaluation=evaluation,
        )


def _notes(camera: ReplayedCamera, found: TracksOverview) -> list[str]:
    health, stamps = camera.health, camera.health.timestamps
    told = [
        (health.damaged_packets, "{} damaged packets were skipped."),
        (health.corrupt_frames, "{} frames were damaged, and used as the decoder mended them."),
        (health.size_changes, "The size of the picture changed {} times."),
        (stamps.missing, "{} frames had no time stamp, and were taken to follow at the nominal rate."),
        (stamps.jumped_back, "Time stamps jumped back {} times; time goes on from there."),
        (stamps.out_of_range, "{} time stamps lay more than a year ahead, and were not believed."),
        (
            found.tracks - len(found.summaries),
            "The page leaves out the {} shortest tracks; the database has all.",
        ),
    ]
    notes = [text.format(f"{number:,}") for number, text in told if number]
    return [f"{camera.incomplete}.", *notes] if camera.incomplete else notes
