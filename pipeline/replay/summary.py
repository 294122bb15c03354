"""``summary.json``: what a replay found, for programs. docs/replay.md describes every key."""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.output_files import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.schema import Settings
    from pipeline.replay.camera import ReplayedCamera
    from pipeline.replay.outputs import CameraOutputs
    from pipeline.timing import StageTimings

SUMMARY_NAME = "summary.json"
RUN_METADATA = "run_metadata"
"""The one key whose content may differ between two replays of the same input."""


def summary(
    *,
    version: str,
    incomplete: str | None,
    settings: Settings,
    networks: Mapping[str, Mapping[str, str]],
    cameras: Mapping[str, dict[str, Any]],
    run_metadata: Mapping[str, Any],
) -> dict[str, Any]:
    """The whole content.

    Args:
        version: of Sitewatch.
        incomplete: why the run is incomplete; None if it is complete.
        settings: the effective configuration.
        networks: role and provenance of each network.
        cameras: camera id → :func:`camera_summary`.
        run_metadata: what differs from run to run.
    """
    return {
        "sitewatch": version,
        "complete": incomplete is None,
        "incomplete_reason": incomplete,
        "mode": "second look" if settings.replay.second_look else "online",
        "networks": {role: dict(sorted(provenance.items())) for role, provenance in networks.items()},
        "config": settings.model_dump(mode="json"),
        "cameras": dict(cameras),
        RUN_METADATA: dict(run_metadata),
    }


def camera_summary(camera: ReplayedCamera, outputs: CameraOutputs, folder: Path) -> dict[str, Any]:
    """What was found in one recording.

    Args:
        camera: the recording.
        outputs: what was written about it.
        folder: paths are given relative to it.
    """
    report, counts = outputs.report, camera.accounting.counts()
    content: dict[str, Any] = {
        "source": report.source,
        "frame_size": list(report.frame_size),
        "nominal_rate_hz": float(camera.footage.nominal_rate_hz),
        "started_at": report.started_at.isoformat(),
        "duration_s": report.duration_s,
        "frames": {
            "captured": counts.captured,
            "processed": counts.processed,
            "in_flight": counts.in_flight,
            "dropped": {str(reason): number for reason, number in counts.dropped.items()},
        },
        "recording": asdict(camera.health),
        "tracks": outputs.overview.tracks,
        "observations": {str(origin): number for origin, number in outputs.overview.observations.items()},
        "files": {name: path.relative_to(folder).as_posix() for name, path in outputs.files.items()},
    }
    if outputs.evaluation is not None:
        scores = outputs.evaluation.scores
        content["evaluation"] = {label: asdict(values) for label, values in scores.items()}
    return content


def stage_summary(timings: StageTimings) -> dict[str, dict[str, float]]:
    """Seconds, frames and milliseconds a frame of each stage."""
    seconds, items = timings.seconds, timings.items
    return {
        stage: {
            "seconds": round(seconds[stage], 3),
            "frames": items[stage],
            "ms_per_frame": round(1000 * seconds[stage] / max(1, items[stage]), 3),
        }
        for stage in seconds
    }


def peak_memory_mb() -> float:
    """The most memory that this process has held so far, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says begins with the peak of the process that started this one
        fields = dict(line.partition(":")[::2] for line in status.read_text(encoding="ascii").splitlines())
        if "VmHWM" in fields:
            return round(int(fields["VmHWM"].split()[0]) / 1024, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 if sys.platform != "darwin" else 1024 * 1024), 1)


def write_summary(path: Path, content: Mapping[str, Any]) -> None:
    """Write it, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
        DiskFull: no space left.
    """
    write_whole(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
