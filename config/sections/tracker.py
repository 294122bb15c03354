"""The tracker: association of boxes over time. Durations are in seconds of media time."""

from __future__ import annotations

from pydantic import Field

from config.sections.base import Section


class TrackerSettings(Section):
    """How boxes of consecutive frames become trajectories."""

    high_score: float = Field(default=0.5, ge=0, le=1)
    """Boxes at or above this confidence are associated first and may start a track."""
