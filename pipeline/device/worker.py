"""The process of one device: ``python -m pipeline.device.worker PARENT BOARD_FD SOCKET_FD``.

It loads the network, and answers batches in their order until the daemon hangs up. A batch that the network refuses is
answered so; whatever else fails ends the process, and the daemon starts another.
"""

from __future__ import annotations

import sys
import threading
import time
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from typing import TYPE_CHECKING, Any

from config.errors import SitewatchError
from pipeline.device.messages import (
    Answer,
    AttachRing,
    Batch,
    DetachRing,
    WorkerFailed,
    WorkerOrders,
    WorkerReady,
)
from pipeline.process_life import die_with_parent
from pipeline.ring.board import ProcessBoard
from pipeline.ring.frame_ring import RingPictures
from pipeline.ring.segment import SharedSegment

if TYPE_CHECKING:
    from models.base import Detector

_BEAT_S = 0.25


class Worker:
    """Looks at batches of frames that lie in shared memory.

    Args:
        detector: the network.
        line: to the daemon.
    """

    def __init__(self, detector: Detector, line: Connection[Any, Any]) -> None:
        self._detector = detector
        self._line = line
        self._rings: dict[int, RingPictures] = {}

    def run(self) -> None:
        """Answer until the daemon hangs up."""
        while True:
            try:
                message = self._line.recv()
            except (EOFError, OSError):
                return
            match message:
                case AttachRing(number, layout):
                    self._rings[number] = RingPictures(SharedSegment(recv_handle(self._line)), layout)
                case DetachRing(number):
                    self._rings.pop(number).close()
                case Batch():
                    self._line.send(self._answer(message))
                case _:
                    raise TypeError(f"not a message to a worker: {message!r}")

    def _answer(self, batch: Batch) -> Answer:
        began_s = time.perf_counter()
        try:
            detections = self._detector.detect(
                [self._rings[ring].image(ref.slot) for ring, ref in batch.frames]
            )
        except (
            ValueError,
            RuntimeError,
        ) as error:  # the network's own refusal, as of a picture too small for it
            return Answer(
                batch.number, None, time.perf_counter() - began_s, f"{type(error).__name__}: {error}"
            )
        return Answer(batch.number, tuple(detections), time.perf_counter() - began_s)


def _beat(board: ProcessBoard) -> None:
    while True:
        board.beat(time.monotonic_ns())
        time.sleep(_BEAT_S)


def main(arguments: list[str]) -> int:
    """Serve one device until the daemon hangs up."""
    parent, board_fd, socket_fd = map(int, arguments)
    die_with_parent(parent)
    board = ProcessBoard(SharedSegment(board_fd))
    threading.Thread(target=_beat, args=(board,), name="heartbeat", daemon=True).start()
    line: Connection[Any, Any] = Connection(socket_fd)
    try:
        orders: WorkerOrders = line.recv()
    except (EOFError, OSError):
        return 1
    try:
        from models.registry import build_detector

        detector = build_detector(orders.detector)
    except SitewatchError as error:
        line.send(WorkerFailed(str(error)))
        return error.exit_status
    line.send(WorkerReady(orders.detector.batch_size or detector.batch_size, dict(detector.provenance)))
    try:
        Worker(detector, line).run()
    except SitewatchError as error:  # the device failed: what it holds is lost, and a new process starts anew
        line.send(WorkerFailed(str(error)))
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
