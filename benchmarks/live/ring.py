"""1080p frames between two processes: through the ring, and through ``multiprocessing.Queue``.

One process writes frames that it has in memory, the other looks at some points of each. Through the ring it looks at them where
they lie; its writer copies past the processor's caches, as readers do. Each side wakes the other through an ``eventfd``, as
readers wake the daemon; no frame is dropped.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.live.figures import Figure
from benchmarks.live.ring_writer import frames_in_memory
from pipeline.daemon.child import PAST_CACHES
from pipeline.ring.board import ReaderBoard
from pipeline.ring.frame_ring import FrameRing, RingLayout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Event

    from numpy.typing import NDArray

_LAYOUT = RingLayout(1080, 1920, 8)
"""Slots as the daemon's default gives them."""
_MUST, _AIM = 30.0, 100.0
_LOCK_S = 1.0


def measure(*, quick: bool) -> list[Figure]:
    """Ratio of the frame rates, rounds side by side."""
    rounds, through_ring, through_queue = (2, 400, 30) if quick else (7, 3000, 150)
    ring, queue = [], []
    for _ in range(rounds):
        ring.append(ring_rate_hz(through_ring))
        queue.append(queue_rate_hz(through_queue))
    ratio = statistics.median(fast / slow for fast, slow in zip(ring, queue, strict=True))
    note = (
        f"ring {statistics.median(ring):,.0f}, queue {statistics.median(queue):.1f} frames/s; {rounds} rounds. "
        f"One copy of a frame alone, through the caches: {copy_rate_hz(through_ring):,.0f} frames/s"
    )
    return [Figure("1080p frames between processes, ring / Queue", ratio, "x", _MUST, _AIM, True, note)]


def ring_rate_hz(count: int) -> float:
    """Frames a second through the ring."""
    board = ReaderBoard.create()
    ring = FrameRing.create(_LAYOUT, board, "bench")
    filled, free = (os.eventfd(0, os.EFD_SEMAPHORE) for _ in range(2))
    try:
        with _writer(board, ring, filled, free, count):
            os.eventfd_read(filled)  # it is ready
            began_s = time.perf_counter()
            os.eventfd_write(free, _LAYOUT.slots)
            for _ in range(count):
                os.eventfd_read(filled)
                _take(ring)
                os.eventfd_write(free, 1)
            return count / (time.perf_counter() - began_s)
    finally:
        ring.close()
        board.close()
        os.close(filled)
        os.close(free)


def queue_rate_hz(count: int) -> float:
    """Frames a second through a queue of as many places as the ring has."""
    context = multiprocessing.get_context("spawn")
    frames: Queue[NDArray[np.uint8] | None] = context.Queue(_LAYOUT.slots)
    go = context.Event()
    child = context.Process(target=_put, args=(frames, go, count))
    child.start()
    frames.get()  # it is ready
    began_s = time.perf_counter()
    go.set()
    for _ in range(count):
        image = frames.get()
        if image is not None:
            _look(image)
    took_s = time.perf_counter() - began_s
    child.join()
    return count / took_s


def copy_rate_hz(count: int) -> float:
    """Frames a second that one process can copy from memory to memory, through the processor's caches."""
    images = frames_in_memory(_LAYOUT)
    slots = np.zeros((_LAYOUT.slots, *images.shape[1:]), np.uint8)
    slots[:] = 1  # the kernel gives memory when it is first written
    began_s = time.perf_counter()
    for index in range(count):
        np.copyto(slots[index % _LAYOUT.slots], images[index % len(images)])
    return count / (time.perf_counter() - began_s)


def _take(ring: FrameRing) -> None:
    leased = ring.lease(_LOCK_S)
    if leased is None:
        raise LookupError("the ring has no frame though one was announced")
    ref, _ = leased
    _look(ring.leased_image(ref))
    ring.release(ref)


def _look(image: NDArray[np.uint8]) -> int:
    return int(image[::64, ::64].sum())


def _put(frames: Queue[NDArray[np.uint8] | None], go: Event, count: int) -> None:
    images = frames_in_memory(_LAYOUT)
    frames.put(None)
    go.wait()
    for index in range(count):
        frames.put(images[index % len(images)])


@contextmanager
def _writer(board: ReaderBoard, ring: FrameRing, filled: int, free: int, count: int) -> Iterator[None]:
    fds = (board.segment.fd, ring.segment.fd, filled, free)
    layout = (_LAYOUT.height, _LAYOUT.width, _LAYOUT.slots)
    command = [sys.executable, "-m", "benchmarks.live.ring_writer", *map(str, (*fds, *layout, count))]
    with subprocess.Popen(command, pass_fds=fds, env={**PAST_CACHES, **os.environ}) as process:
        try:
            yield
        finally:
            process.terminate()
