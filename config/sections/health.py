"""What is wrong with a camera, told with hysteresis: a fault begins late and ends later."""

from __future__ import annotations

from pydantic import Field

from config.sections.base import Section


class HealthSettings(Section):
    """From when on a camera counts as unwell. Pictures are judged about once a second, made small and grey."""

    begin_after_s: float = Field(default=5.0, ge=0)
    """A fault must last so long before it is told."""
    end_after_s: float = Field(default=10.0, ge=0)
    """It must be gone for so long before its end is told."""
    frozen_after_s: float = Field(default=30.0, gt=0)
    """A picture without the least change, not even noise, for so long is frozen."""
    covered_contrast: float = Field(default=6.0, ge=0, le=128)
    """A picture whose grey levels have a smaller standard deviation than this is black or covered."""
    sharpness_fraction: float = Field(default=0.3, gt=0, lt=1)
    """Out of focus: finest detail is less than this part of what the camera usually shows."""
    moved_fraction: float = Field(default=0.04, gt=0, lt=1)
    """Moved: the background lies so far from where it was, as a part of the picture's width."""
    rate_fraction: float = Field(default=0.5, gt=0, lt=1)
    """Frame-rate sag: fewer frames than this part of what the camera states or usually gives."""
    clock_skew_s: float = Field(default=2.0, gt=0)
    """The camera's time stamps and this machine's clock have drifted apart by so much."""
