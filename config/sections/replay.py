"""Replay of recorded footage."""

from __future__ import annotations

from pydantic import Field

from config.sections.base import Section


class ReplaySettings(Section):
    """How a recording is read, and what the second look adds."""

    fill_gap_s: float = Field(default=2.0, ge=0)
    """Gaps of a track up to this long are filled and flagged `interpolated`; 0 fills none."""
    decoder_timeout_s: float = Field(default=30.0, gt=0)
    """A decoder that gives no frame for so long is taken for dead."""
    annotated_video: bool = True
    """Write annotated.mp4."""
