"""The tracker: association of boxes over time. Durations are in seconds of media time."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.sections.base import Section


class TrackerSettings(Section):
    """How boxes of consecutive frames become trajectories."""

    high_score: float = Field(default=0.4, ge=0, le=1)
    """Boxes at or above this confidence are associated first."""
    low_score: float = Field(default=0.2, ge=0, le=1)
    """Boxes from here up to high_score may keep a track alive, but are associated second and start none."""
    start_score: float = Field(default=0.6, ge=0, le=1)
    """A box needs this confidence to start a track."""
    match_iou: float = Field(default=0.25, gt=0, le=1)
    """Least overlap of a box with the predicted one."""
    match_iou_low: float = Field(default=0.4, gt=0, le=1)
    """The same for boxes below high_score."""
    confirm_hits: int = Field(default=3, ge=1)
    """A track is believed after so many boxes."""
    tentative_s: float = Field(default=0.25, ge=0)
    """A track not yet believed ends after so long without a box."""
    lost_s: float = Field(default=2.0, ge=0)
    """A track without a box is expected where its motion takes it for so long."""
    remember_s: float = Field(default=15.0, gt=0)
    """A person unseen for so long may still be known again by appearance."""
    same_appearance: float = Field(default=0.75, ge=0, le=1)
    """Least similarity of two appearances of one person, cosine; it rises with the time unseen, to 1 at remember_s."""
    appearance_weight: float = Field(default=1.0, ge=0)
    """Weight of looking alike against overlap, where a box could belong to several tracks."""
    max_speed_heights_per_s: float = Field(default=2.0, gt=0)
    """Nobody who comes back has moved faster than so many of their own heights a second."""
    momentum_weight: float = Field(default=0.3, ge=0)
    """Weight of going on in the same direction against overlap; 0 switches it off."""
    momentum_s: float = Field(default=0.3, gt=0)
    """The direction of a track is taken over so long."""
    reupdate_after_s: float = Field(default=0.2, ge=0)
    """A track found again after a longer gap has its motion re-estimated along the gap."""
    acceleration_noise: float = Field(default=0.3, gt=0)
    """How much people change their velocity: heights / s^1.5."""
    size_noise: float = Field(default=0.1, gt=0)
    """How much boxes change the speed of their growth: heights / s^1.5."""
    measurement_noise: float = Field(default=0.1, gt=0)
    """Standard deviation of a detected box: heights."""
    start_speed_noise: float = Field(default=0.6, gt=0)
    """Standard deviation of the velocity of a new track: heights / s."""
    box_smoothing: float = Field(default=0.5, ge=0, le=1)
    """Boxes are reported as detected (0), as filtered (1), or between."""
    camera_motion: Literal["none", "boxes", "pictures"] = "boxes"
    """Motion of the camera: ignored (none), what all boxes share (boxes), or the background shows (pictures; boxes where none)."""
