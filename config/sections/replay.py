"""Replay of recorded footage."""

from __future__ import annotations

from pydantic import Field

from config.sections.base import Section


class ReplaySettings(Section):
    """How a recording is read, and what the second look adds."""

    second_look: bool = True
    """Add what only a recording allows: positions before a track was confirmed, in gaps, smooth. Off: as the live daemon."""
    fill_gap_s: float = Field(default=2.0, ge=0)
    """Gaps of a track up to this long are filled and flagged `interpolated`; 0 fills none."""
    smooth_tracks: bool = True
    """The second look smooths the way of each track, as much as the noise of the recording's own boxes asks for."""
    decoder_timeout_s: float = Field(default=30.0, gt=0)
    """A decoder that gives no frame for so long is taken for dead."""
    image_rate_hz: float = Field(default=25.0, gt=0, le=1000)
    """Frames a second of a folder of images."""
    annotated_video: bool = True
    """Write annotated.mp4."""
    trail_s: float = Field(default=3.0, ge=0)
    """The annotated video shows the way of a person for so long; 0 shows none."""
