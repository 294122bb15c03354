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
    from collections.abc import Mapping, Sequence

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
    incomplete: Sequence[str],
    exit_status: int,
    settings: Settings,
    networks: Mapping[str, Mapping[str, str]],
    cameras: Mapping[str, dict[str, Any]],
    run_metadata: Mapping[str, Any],
) -> dict[str, Any]:
    """The whole content.

    Args:
        version: of Sitewatch.
        incomplete: why the run is incomplete; empty if it is complete.
        exit_status: what the command ends with.
        settings: the effective configuration.
        networks: role and provenance of each network.
        cameras: camera id → :func:`camera_summary`.
        run_metadata: what differs from run to run.
    """
    return {
        "sitewatch": version,
        "complete": not incomplete,
        "incomplete_reason": "; ".join(incomplete) or None,
        "exit_status": exit_status,
        "mode": "second look" if settings.replay.second_look else "online",
        "networks": {role: dict(sorted(provenance.items())) for role, provenance in networks.items()},
        "config": settings.model_dump(mode="json"),
        "cameras": dict(cameras),
        RUN_METADATA: dict(run_metadata),
    }


def camera_summary(camera: ReplayedCamera, outputs: CameraOutputs, folder: Path) -> dict[str, Any]:
    """What was found in one recording; None where that could not be had.

    Args:
        camera: the recording.
        outputs: what was written about it.
        folder: paths are given relative to it.
    """
    pace, counts, found = camera.pace, camera.accounting.counts(), outputs.overview
    content: dict[str, Any] = {
        "source": camera.footage.path.name,
        "complete": not camera.incomplete,
        "incomplete_reason": "; ".join(camera.incomplete) or None,
        "frame_size": None if pace is None else list(pace.frame_size),
        "nominal_rate_hz": float(camera.footage.nominal_rate_hz),
        "started_at": None if pace is None else pace.started_at.isoformat(),
        "duration_s": None if pace is None else pace.duration_s,
        "frames": {
            "captured": counts.captured,
            "processed": counts.processed,
            "in_flight": counts.in_flight,
            "dropped": {str(reason): number for reason, number in counts.dropped.items()},
        },
        "recording": asdict(camera.health),
        "refused_boxes": camera.refused_boxes,
        "tracks": None if found is None else found.tracks,
        "observations": None
        if found is None
        else {str(origin): number for origin, number in found.observations.items()},
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
