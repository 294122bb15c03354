"""What the operator asks of a replay, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from config.errors import SitewatchError
    from config.schema import Settings
    from pipeline.evaluation.scores import TrackingScores


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """Recordings, and where the results go.

    Attributes:
        recordings: video files or folders of images, each of a camera of its own.
        out: folder for the results.
        settings: the effective configuration; its cameras are replaced by the recordings.
        ground_truth: one table or sequence folder a recording, or none at all.
        recorded_at: UTC time of the first frame of all recordings; as the files say when None.
    """

    recordings: tuple[Path, ...]
    out: Path
    settings: Settings
    ground_truth: tuple[Path, ...] = ()
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay did.

    Attributes:
        run_id: of the run in the database.
        incomplete: why the run is incomplete; None if it is complete.
        failure: what the command is to end with; None also for a recording that was incomplete itself.
        summary: the content of summary.json.
        scores: camera → label → scores, where there is ground truth.
        files: what was written, in the order of interest.
        database: how messages name it.
    """

    run_id: int
    incomplete: str | None
    failure: SitewatchError | None
    summary: Mapping[str, Any]
    scores: Mapping[str, Mapping[str, TrackingScores]]
    files: tuple[Path, ...]
    database: str
