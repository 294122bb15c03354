"""What it costs to hand a frame over: from a thread, and from a child process through shared memory or a pipe.

The frames are made beforehand, so that only the way is measured. Through shared memory the child copies a frame into a slot
of a ring and sends the number of the slot; the parent copies it out, since batches hold frames for longer than a slot
is free. For docs/adr/0007; not part of ``make bench``.

    python -m benchmarks.handover [--rounds N] [--frames N]
"""

from __future__ import annotations

import argparse
import multiprocessing
import queue
import statistics
import threading
import time
from multiprocessing.shared_memory import SharedMemory
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.machine import describe

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.queues import Queue

    from numpy.typing import NDArray

    Images = NDArray[np.uint8]

_SHAPE = (576, 768, 3)
_BYTES = 576 * 768 * 3
_AHEAD = 4
"""Frames that may wait, as in the replay."""


def _frames() -> Images:
    return np.random.default_rng(0).integers(0, 256, (8, *_SHAPE), np.uint8)


def through_thread(count: int) -> float:
    """Seconds for so many frames from a thread of this process."""
    images = _frames()
    waiting: queue.Queue[Images] = queue.Queue(_AHEAD)

    def give() -> None:
        for index in range(count):
            waiting.put(images[index % len(images)].copy())

    thread = threading.Thread(target=give)
    started = time.perf_counter()
    thread.start()
    for _ in range(count):
        waiting.get()
    thread.join()
    return time.perf_counter() - started


def _give_slots(name: str, count: int, filled: Queue[int], free: Queue[int]) -> None:
    memory = SharedMemory(name)
    slots = np.ndarray((_AHEAD, *_SHAPE), np.uint8, memory.buf)
    images = _frames()
    filled.put(-1)  # ready
    for index in range(count):
        slot = free.get()
        slots[slot] = images[index % len(images)]
        filled.put(slot)
    del slots
    memory.close()


def through_shared_memory(count: int) -> float:
    """Seconds for so many frames from a child, through a ring of slots."""
    context = multiprocessing.get_context("spawn")
    memory = SharedMemory(create=True, size=_AHEAD * _BYTES)
    slots = np.ndarray((_AHEAD, *_SHAPE), np.uint8, memory.buf)
    filled: Queue[int] = context.Queue()
    free: Queue[int] = context.Queue()
    for slot in range(_AHEAD):
        free.put(slot)
    child = context.Process(target=_give_slots, args=(memory.name, count, filled, free))
    child.start()
    filled.get()
    started = time.perf_counter()
    for _ in range(count):
        slot = filled.get()
        slots[slot].copy()
        free.put(slot)
    seconds = time.perf_counter() - started
    child.join()
    del slots
    memory.close()
    memory.unlink()
    return seconds


def _give_pickled(count: int, pipe: Queue[Images | None]) -> None:
    images = _frames()
    pipe.put(None)  # ready
    for index in range(count):
        pipe.put(images[index % len(images)])


def through_pipe(count: int) -> float:
    """Seconds for so many frames from a child, pickled."""
    context = multiprocessing.get_context("spawn")
    pipe: Queue[Images | None] = context.Queue(_AHEAD)
    child = context.Process(target=_give_pickled, args=(count, pipe))
    child.start()
    pipe.get()
    started = time.perf_counter()
    for _ in range(count):
        pipe.get()
    seconds = time.perf_counter() - started
    child.join()
    return seconds


def main(rounds: int = 5, count: int = 400) -> None:
    """Print medians, the ways in turn."""
    print(describe())
    ways: dict[str, Callable[[int], float]] = {
        "thread": through_thread,
        "child, shared memory": through_shared_memory,
        "child, pipe": through_pipe,
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            seconds[name].append(way(count))
    for name, measured in seconds.items():
        each_ms = sorted(1000 * value / count for value in measured)
        print(
            f"{name:22} {statistics.median(each_ms):6.3f} ms a frame ({each_ms[0]:.3f} to {each_ms[-1]:.3f})"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--frames", type=int, default=400)
    arguments = parser.parse_args()
    main(arguments.rounds, arguments.frames)
