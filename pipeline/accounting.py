"""Frames add up: every frame that a camera gave is processed, on its way, or dropped for a stated reason."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class DropReason(StrEnum):
    """Why a frame was not processed."""

    STALE = "stale"
    """Older than the staleness budget when its turn came (live cameras only)."""
    QUEUE_FULL = "queue_full"
    """A newer frame took its place (live cameras only)."""
    RATE_LIMITED = "rate_limited"
    """Beyond the frames a second that the camera's settings allow (live cameras only)."""
    STATIC = "static"
    """Of a scene that stands still (live cameras only)."""
    RING_REPLACED = "ring_replaced"
    """It waited when the camera's pictures changed their size, or the camera was taken away (live cameras only)."""
    WORKER_LOST = "worker_lost"
    """It was with a device worker that ended (live cameras only)."""
    DETECTOR_FAILED = "detector_failed"
    """The network refused its batch (live cameras only)."""
    INTERRUPTED = "interrupted"
    """Decoded, but the run was stopped or failed before its turn."""


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """What became of the frames of one camera, at one moment.

    Attributes:
        captured: frames that the camera gave.
        processed: frames whose tracks were handed on.
        in_flight: frames between the two.
        dropped: frames given up, by reason; reasons without a frame are absent.
    """

    captured: int = 0
    processed: int = 0
    in_flight: int = 0
    dropped: Mapping[DropReason, int] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        """Whether ``captured = processed + in_flight + sum(dropped)``, with no count below zero."""
        counts = (self.captured, self.processed, self.in_flight, *self.dropped.values())
        return min(counts) >= 0 and self.captured == self.processed + self.in_flight + sum(
            self.dropped.values()
        )


class FrameAccounting:
    """Counts the frames of one camera; each term of the sum is a counter of its own, so that a slip shows.

    Safe to call from several threads: the decoder counts what it captures, the stages what they process.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._captured = 0
        self._processed = 0
        self._in_flight = 0
        self._dropped: Counter[DropReason] = Counter()
        self._closed = False

    def frame_captured(self) -> None:
        """A frame was decoded and is on its way. Once the accounting is closed it does not count: nobody takes it."""
        with self._lock:
            if not self._closed:
                self._captured += 1
                self._in_flight += 1

    def frame_processed(self) -> None:
        """A frame went through all stages.

        Raises:
            ValueError: no frame is on its way.
        """
        with self._lock:
            self._land()
            self._processed += 1

    def frame_dropped(self, reason: DropReason) -> None:
        """A frame on its way was given up.

        Raises:
            ValueError: no frame is on its way.
        """
        with self._lock:
            self._land()
            self._dropped[reason] += 1

    def close(self, reason: DropReason) -> None:
        """The stages have stopped: give up whatever is still on its way, and count no more.

        A decoder that hung and wakes up later changes nothing: what was told of the frames stays true.
        """
        with self._lock:
            self._closed = True
            if self._in_flight:
                self._dropped[reason] += self._in_flight
                self._in_flight = 0

    def counts(self) -> FrameCounts:
        """The counters at this moment, read together."""
        with self._lock:
            return FrameCounts(self._captured, self._processed, self._in_flight, dict(self._dropped))

    def _land(self) -> None:
        if self._in_flight == 0:
            raise ValueError("no frame is in flight: it was counted twice, or never captured")
        self._in_flight -= 1
