"""Frames of a live camera add up, across processes that may be killed at any moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.accounting import DropReason, FrameCounts

if TYPE_CHECKING:
    from pipeline.ring.board import ReaderCounts


@dataclass(slots=True)
class LiveAccounting:
    """What became of the frames that one camera gave.

    The reader's part is counted on its board, where one store makes a frame captured and published, limited or static; the
    daemon counts what it took from the ring. Published frames carry rising numbers: what lies between two that were taken
    was overwritten, and what comes after the last one waits. So no count is lost with a process.

    Attributes:
        reader: the latest look at the board.
        published: number of the newest published frame that is known; a later look than ``reader`` may be.
        taken: number of the published frame that was taken last.
        in_hand: frames that were taken and are on their way.
        processed: frames that went through all stages.
    """

    reader: ReaderCounts
    published: int = 0
    taken: int = 0
    in_hand: int = 0
    processed: int = 0
    _dropped: Counter[DropReason] = field(default_factory=Counter)

    def look(self, reader: ReaderCounts) -> None:
        """The board says this now."""
        self.reader = reader
        self.published = reader.published

    @property
    def waiting(self) -> int:
        """Frames in the ring, or overwritten there since the last was taken."""
        return self.published - self.taken

    def frame_taken(self, generation: int) -> None:
        """The frame of this number was leased; those skipped had been overwritten by newer ones.

        Raises:
            ValueError: it was taken before, or never published.
        """
        if not self.taken < generation <= self.published:
            raise ValueError(
                f"frame {generation} cannot be taken: {self.taken} was taken last, {self.published} is the newest"
            )
        self._dropped[DropReason.QUEUE_FULL] += generation - self.taken - 1
        self.taken = generation
        self.in_hand += 1

    def frame_processed(self) -> None:
        """A frame went through all stages.

        Raises:
            ValueError: none was on its way.
        """
        self._land()
        self.processed += 1

    def frame_dropped(self, reason: DropReason) -> None:
        """A frame that was taken is given up.

        Raises:
            ValueError: none was on its way.
        """
        self._land()
        self._dropped[reason] += 1

    def waiting_dropped(self, reason: DropReason) -> None:
        """All frames that wait are given up: their ring goes away."""
        self._dropped[reason] += self.waiting
        self.taken = self.published

    def counts(self) -> FrameCounts:
        """The sum and its terms, as of the latest whole look at the board.

        Raises:
            ValueError: a frame was taken since then: look again first.
        """
        if self.published != self.reader.published:
            raise ValueError("the board has to be looked at before frames are added up")
        dropped = self._dropped.copy()
        dropped[DropReason.STATIC] += self.reader.static
        dropped[DropReason.RATE_LIMITED] += self.reader.rate_limited
        told = {reason: number for reason, number in sorted(dropped.items()) if number}
        return FrameCounts(self.reader.captured, self.processed, self.waiting + self.in_hand, told)

    def _land(self) -> None:
        if self.in_hand == 0:
            raise ValueError("no frame is in flight: it was counted twice, or never taken")
        self.in_hand -= 1
