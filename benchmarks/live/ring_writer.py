"""Writes frames from memory into a ring: ``BOARD_FD RING_FD FILLED_FD FREE_FD HEIGHT WIDTH SLOTS COUNT``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import numpy as np

from pipeline.ring.board import ReaderBoard
from pipeline.ring.frame_ring import FrameRing, FrameStamp, RingLayout
from pipeline.ring.segment import SharedSegment

if TYPE_CHECKING:
    from numpy.typing import NDArray

_IMAGES = 4


def frames_in_memory(layout: RingLayout) -> NDArray[np.uint8]:
    """(4, H, W, 3) uint8: more than the processor's caches hold at 1080p."""
    return np.random.default_rng(0).integers(0, 256, (_IMAGES, layout.height, layout.width, 3), np.uint8)


def main(arguments: list[str]) -> None:
    """Write ``COUNT`` frames, each as soon as a slot is free."""
    board_fd, ring_fd, filled, free, height, width, slots, count = map(int, arguments)
    layout = RingLayout(height, width, slots)
    ring = FrameRing(SharedSegment(ring_fd), layout, ReaderBoard(SharedSegment(board_fd)))
    images = frames_in_memory(layout)
    os.eventfd_write(filled, 1)  # ready
    for index in range(count):
        os.eventfd_read(free)
        slot = ring.begin(overwrite=False)
        if slot is None:
            raise LookupError("the ring has no free slot though one was announced")
        np.copyto(ring.image(slot), images[index % _IMAGES])
        ring.publish(slot, FrameStamp(index, float(index), float(index)), captured=1)
        os.eventfd_write(filled, 1)


if __name__ == "__main__":
    main(sys.argv[1:])
