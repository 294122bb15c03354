"""What the daemon knows of itself at one moment; made by its thread of work, read by others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.accounting import FrameCounts

if TYPE_CHECKING:
    from pipeline.daemon.live_camera import LiveCamera


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """One camera.

    Attributes:
        id: name of the camera.
        frames: what became of its frames; adds up.
        down: why it cannot be had; None while it gives pictures.
        degraded: its reader fails too often.
        damaged: packets that could not be decoded.
        corrupt: frames that the decoder gave but marked as damaged.
        connections: how often it was opened.
        timestamp_jumps: how often its time stamps did not belong to those before.
        reader_restarts: how often its reader process was started again.
        tracks: how many were begun.
        faults: names of the faults that go on.
    """

    id: str
    frames: FrameCounts = field(default_factory=FrameCounts)
    down: str | None = None
    degraded: bool = False
    damaged: int = 0
    corrupt: int = 0
    connections: int = 0
    timestamp_jumps: int = 0
    reader_restarts: int = 0
    tracks: int = 0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """One device worker.

    Attributes:
        device: its name.
        ready: its network is loaded.
        restarts: how often the process was started again.
    """

    device: str
    ready: bool
    restarts: int


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """The whole daemon.

    Attributes:
        cameras: by id.
        workers: one a device.
        committed_rows: that are in the database.
        queued_rows: that wait to be written.
        database_failing_s: for how long the database has refused what is written; 0 while it works.
        wall_clock_steps: how often the machine's clock was set.
    """

    cameras: tuple[CameraStatus, ...] = ()
    workers: tuple[WorkerStatus, ...] = ()
    committed_rows: int = 0
    queued_rows: int = 0
    database_failing_s: float = 0.0
    wall_clock_steps: int = 0


def camera_status(camera: LiveCamera, now_s: float) -> CameraStatus:
    """A camera as it is now."""
    frames = camera.counts()
    reader = camera.reader_counts
    return CameraStatus(
        id=camera.id,
        frames=frames,
        down=camera.down,
        degraded=camera.reader.policy.is_degraded(now_s),
        damaged=reader.damaged,
        corrupt=reader.corrupt,
        connections=reader.connections,
        timestamp_jumps=reader.timestamp_jumps,
        reader_restarts=camera.reader.restarts,
        tracks=camera.tracks,
        faults=camera.faults,
    )
