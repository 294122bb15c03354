"""What a recording had wrong with it, and was survived."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.capture.continuity import MissingFrames
from pipeline.clock import TimestampCounts


@dataclass(frozen=True, slots=True)
class RecordingHealth:
    """Everything about a recording that had to be counted instead of believed.

    Attributes:
        damaged_packets: packets (or pictures of a folder) that could not be decoded, or were marked as damaged.
        corrupt_frames: frames that the decoder gave, but marked as damaged.
        size_changes: frames whose size differs from that of the frame before.
        timestamps: time stamps that were repaired.
        cut_short: bytes are missing at the end: by the container's own word, or because reading it failed.
        growing: the file has grown since it was opened; what came later was not read.
        missing: frames that should be there by the time stamps or by the container's word, and are not.
    """

    damaged_packets: int = 0
    corrupt_frames: int = 0
    size_changes: int = 0
    timestamps: TimestampCounts = field(default_factory=TimestampCounts)
    cut_short: bool = False
    growing: bool = False
    missing: MissingFrames = field(default_factory=MissingFrames)

    @property
    def is_whole(self) -> bool:
        """Whether the recording was there from its first to its last frame."""
        return not (self.cut_short or self.growing)
