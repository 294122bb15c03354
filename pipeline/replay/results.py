"""Everything a replay leaves beside the database: the files of each camera, the report and the summary."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pipeline.replay.outputs import CameraOutputs, OutputWriter
from pipeline.replay.request import ReplayResult
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

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.replay.camera import ReplayedCamera
    from pipeline.replay.job import ReplayJob

REPORT_NAME = "report.html"


@dataclass(slots=True)
class Results:
    """The files of a run, each written for itself: one that cannot be written takes no other with it.

    Attributes:
        job: the run.
        database: how messages name the database.
        started_at: wall clock, when the replay began.
        started_s: monotonic clock, when the replay began.
        first_pass_s: how long the first pass took.
        outputs: camera → what was written of it.
        files: report and summary, as far as they were written.
    """

    job: ReplayJob
    database: str
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started_s: float = field(default_factory=time.monotonic)
    first_pass_s: float = 0.0
    outputs: dict[str, CameraOutputs] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    content: dict[str, Any] = field(default_factory=dict)

    def write(self) -> ReplayResult:
        """All of them.

        What takes long, the videos, comes last; a run that ended early has its pages before that, too, so that
        an operator who has no patience left, and stops again, has all the rest.
        """
        job, writer = self.job, OutputWriter(self.job)
        for camera in job.cameras:
            self.outputs[camera.camera_id] = writer.write(camera, self._folder(camera))
        if job.settings.replay.annotated_video:
            if job.ending.failures:
                self._write_pages()
            for camera in job.cameras:
                writer.write_video(camera, self._folder(camera), self.outputs[camera.camera_id])
        self._write_pages()
        return self._result()

    def _folder(self, camera: ReplayedCamera) -> Path:
        return self.job.out if len(self.job.cameras) == 1 else self.job.out / camera.camera_id

    def _write_pages(self) -> None:
        metadata = self._run_metadata()
        written = []
        with self.job.ending.noting():
            write_report(self._report(metadata), self.job.out / REPORT_NAME)
            written.append(self.job.out / REPORT_NAME)
        self.content = self._summary(metadata)
        with self.job.ending.noting():
            write_summary(self.job.out / SUMMARY_NAME, self.content)
            written.append(self.job.out / SUMMARY_NAME)
        self.files = written

    def _result(self) -> ReplayResult:
        files = [path for path in self.files if path.name == REPORT_NAME]
        for name in ("video", "tracks"):
            files += [one.files[name] for one in self.outputs.values() if name in one.files]
        files += [path for path in self.files if path.name == SUMMARY_NAME]
        return ReplayResult(
            run_id=self.job.run_id,
            incomplete="; ".join(self.job.incomplete()) or None,
            failure=self.job.ending.error(),
            summary=self.content,
            scores={
                name: one.evaluation.scores
                for name, one in self.outputs.items()
                if one.evaluation is not None
            },
            files=tuple(files),
            database=self.database,
        )

    def _summary(self, metadata: dict[str, Any]) -> dict[str, Any]:
        return summary(
            version=version("sitewatch"),
            incomplete=self.job.incomplete(),
            exit_status=self.job.ending.exit_status,
            settings=self.job.settings,
            networks=self.job.networks,
            cameras={
                camera.camera_id: camera_summary(camera, self.outputs[camera.camera_id], self.job.out)
                for camera in self.job.cameras
            },
            run_metadata=metadata,
        )

    def _report(self, metadata: dict[str, Any]) -> ReplayReport:
        names = ", ".join(camera.footage.path.name for camera in self.job.cameras)
        reasons = self.job.incomplete()
        return ReplayReport(
            title=f"Replay of {names}",
            complete=not reasons,
            incomplete_reasons=reasons,
            cameras=[one.report for one in self.outputs.values() if one.report is not None],
            settings=self._report_settings(),
            timings=[StageTiming(stage, seconds) for stage, seconds in self.job.timings.seconds.items()],
            run_metadata=_with_units(metadata),
        )

    def _report_settings(self) -> dict[str, str]:
        detector = sorted(self.job.networks["detector"].items())
        settings = {f"detector {key.replace('_', ' ')}": value for key, value in detector}
        settings["score threshold"] = f"{self.job.settings.detector.score_threshold:g}"
        settings["mode"] = "second look" if self.job.settings.replay.second_look else "online"
        settings["sitewatch"] = version("sitewatch")
        return settings

    def _run_metadata(self) -> dict[str, Any]:
        frames = sum(camera.accounting.counts().processed for camera in self.job.cameras)
        return {
            "run": self.job.run_id,
            "database": self.database,
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "wall_s": round(time.monotonic() - self.started_s, 3),
            "first_pass_s": round(self.first_pass_s, 3),
            "frames_per_s": round(frames / max(self.first_pass_s, 1e-9), 1),
            "peak_memory_mb": peak_memory_mb(),
            "stages": stage_summary(self.job.timings),
        }


def _with_units(metadata: dict[str, Any]) -> dict[str, str]:
    """Run metadata as the page words it; what is missing here is in the page's table of stages."""
    worded = {
        "run": ("run", "{}"),
        "database": ("database", "{}"),
        "started_at": ("started at", "{}"),
        "wall_s": ("whole replay", "{:.1f} s"),
        "first_pass_s": ("detect and track", "{:.1f} s"),
        "frames_per_s": ("speed", "{:.1f} frames/s"),
        "peak_memory_mb": ("peak memory", "{:.0f} MB"),
    }
    return {label: form.format(metadata[key]) for key, (label, form) in worded.items()}
