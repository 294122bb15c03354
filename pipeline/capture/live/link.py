"""The reader's end of the line to the daemon."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from typing import TYPE_CHECKING, Any

from pipeline.capture.live.messages import UseRing
from pipeline.ring.frame_ring import FrameRing
from pipeline.ring.segment import SharedSegment

if TYPE_CHECKING:
    from pipeline.capture.live.messages import PictureSize, ReaderOrders
    from pipeline.ring.board import ReaderBoard


class DaemonGone(Exception):
    """Nobody is at the other end any more: the reader has nothing left to do."""


class DaemonLink:
    """Messages to and from the daemon.

    Args:
        socket_fd: the line; orders come over it first.
        event_fd: raised for every frame that was published.
    """

    def __init__(self, socket_fd: int, event_fd: int) -> None:
        self._line: Connection[Any, Any] = Connection(socket_fd)
        self._event_fd = event_fd

    def orders(self) -> ReaderOrders:
        """The daemon's first word.

        Raises:
            DaemonGone: it is no more.
        """
        orders: ReaderOrders = self._receive()
        return orders

    def send(self, message: Any) -> None:
        """Tell the daemon.

        Raises:
            DaemonGone: it is no more.
        """
        try:
            self._line.send(message)
        except OSError as error:
            raise DaemonGone from error

    def notify(self) -> None:
        """There is a new frame; never waits."""
        try:
            os.eventfd_write(self._event_fd, 1)
        except BlockingIOError:  # 2^64 - 2 frames that nobody took: it is told already
            return

    def ring_for(self, size: PictureSize, board: ReaderBoard) -> FrameRing:
        """The ring that the daemon makes for pictures of this size.

        Raises:
            DaemonGone: it is no more.
        """
        self.send(size)
        answer = self._receive()
        if not isinstance(answer, UseRing):
            raise DaemonGone(f"unexpected answer {answer!r}")
        return FrameRing(SharedSegment(recv_handle(self._line)), size.layout, board)

    def _receive(self) -> Any:
        try:
            return self._line.recv()
        except (EOFError, OSError) as error:
            raise DaemonGone from error
