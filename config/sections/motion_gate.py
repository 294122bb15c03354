"""A scene that stands still costs almost nothing."""

from __future__ import annotations

from pydantic import Field

from config.sections.base import Section


class MotionGateSettings(Section):
    """What counts as motion, and how often a still scene is looked at all the same."""

    pixel_change: int = Field(default=12, ge=1, le=255)
    """Grey levels that a point of the reduced picture must change by."""
    changed_fraction: float = Field(default=0.0005, gt=0, le=1)
    """Share of the picture's points that must have changed for it to count as motion: one person 1/15 as high as it."""
    open_for_s: float = Field(default=2.0, ge=0)
    """After the last motion every frame is looked at for so long."""
    look_every_s: float = Field(default=30.0, gt=0)
    """A still scene is looked at so often: positions of people who stand still are recorded at each look, a run of the network."""
    adapt_s: float = Field(default=5.0, gt=0)
    """What stays becomes background within about so long: clouds, dusk, a parked car."""
