"""How many descriptors a camera takes of the daemon: what the doctor counts on."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from pipeline.doctor.limits import DESCRIPTORS_PER_CAMERA
from pipeline.ring.board import ReaderBoard
from pipeline.ring.frame_ring import FrameRing, RingLayout


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_descriptors_of_a_camera_whose_ring_is_being_replaced() -> None:
    before = open_descriptors()
    board = ReaderBoard.create()
    rings = [FrameRing.create(RingLayout(48, 64, 3), board, "dock") for _ in range(2)]
    line, of_the_reader = socket.socketpair()
    event = os.eventfd(0)
    of_the_reader.close()
    taken = open_descriptors() - before
    os.close(event)
    line.close()
    for ring in rings:
        ring.close()
    board.close()
    assert taken == DESCRIPTORS_PER_CAMERA
    assert open_descriptors() == before
