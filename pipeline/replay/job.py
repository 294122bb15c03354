"""A replay whose parts are ready: what its steps share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.replay.ending import Ending
from pipeline.timing import StageTimings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from config.schema import Settings
    from models.base import Detector
    from pipeline.replay.camera import ReplayedCamera
    from pipeline.replay.interruption import StopRequest
    from pipeline.replay.progress import Progress


@dataclass(frozen=True, slots=True)
class ReplayJob:
    """One run over some recordings.

    Attributes:
        run_id: of the run in the database.
        out: folder for the results.
        settings: the effective configuration, its cameras being the recordings.
        cameras: the recordings.
        detector: finds persons.
        engine: the database.
        stop: asked between frames.
        progress: told of frames.
        ending: told of failures.
        timings: where the time is added up.
    """

    run_id: int
    out: Path
    settings: Settings
    cameras: Sequence[ReplayedCamera]
    detector: Detector
    engine: Engine
    stop: StopRequest
    progress: Progress
    ending: Ending = field(default_factory=Ending)
    timings: StageTimings = field(default_factory=StageTimings)

    @property
    def networks(self) -> dict[str, dict[str, str]]:
        """Role and provenance of each network."""
        return {"detector": dict(self.detector.provenance)}

    def incomplete(self) -> list[str]:
        """Why the run is incomplete, so far; empty if it is not."""
        return self.ending.reasons(self.cameras)
