"""Frames of several cameras in one call of the network."""

from __future__ import annotations

from pydantic import Field

from config.sections.base import Section


class BatchingSettings(Section):
    """When a batch is full enough, and which frames are too old for one."""

    max_batch: int | None = Field(default=None, ge=1, le=256)
    """At most so many frames a batch; as many as the network takes best when absent."""
    max_window_s: float = Field(default=0.04, ge=0)
    """A frame waits at most so long for company; less where the fastest camera's next frame comes sooner."""
    staleness_budget_s: float = Field(default=0.5, gt=0)
    """A frame that is older than this when its turn comes is dropped."""
    batches_in_flight: int = Field(default=2, ge=1, le=8)
    """So many batches may be with a device: one that it works on, the others ready."""
    devices: tuple[str, ...] = ()
    """Devices that share the cameras, such as [cuda:0, cuda:1]; the detector's own when empty. One worker process each."""
