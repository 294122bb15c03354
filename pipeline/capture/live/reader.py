"""The reader process of one camera: ``python -m pipeline.capture.live.reader PARENT BOARD_FD SOCKET_FD EVENT_FD``.

FFmpeg may hang or crash; both end this process alone. The daemon starts it, watches its board and kills it when need be;
it has nothing to save, since all that it counts lies in shared memory.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from pipeline.capture.live.frame_path import FramePath
from pipeline.capture.live.link import DaemonGone, DaemonLink
from pipeline.capture.live.messages import CameraDown, RecordingOver
from pipeline.capture.live.stream import CameraLost, is_recording, open_stream, paced
from pipeline.process_life import die_with_parent
from pipeline.ring.board import ReaderActivity, ReaderBoard
from pipeline.ring.segment import SharedSegment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.sections.capture import CaptureSettings
    from pipeline.capture.live.messages import ReaderOrders
    from pipeline.capture.live.stream import CameraStream, Taken

_BEAT_S = 0.25


class Reader:
    """Keeps one camera open, for as long as it is wanted.

    Args:
        orders: what the daemon wants.
        board: where the reader says what it does.
        link: to the daemon.
    """

    def __init__(self, orders: ReaderOrders, board: ReaderBoard, link: DaemonLink) -> None:
        self._orders = orders
        self._board = board
        self._link = link
        self._stop = threading.Event()
        self._path = FramePath(orders, board, link, self._stop.is_set)

    def stop(self) -> None:
        """End at the next frame."""
        self._stop.set()

    def run(self) -> None:
        """Read the camera until told to stop, opening it again whenever it was lost.

        Raises:
            DaemonGone: the daemon is no more.
        """
        while not self._stop.is_set():
            for attempt in self._attempts():
                with attempt:
                    self._read_once()

    # The Watcher of the stream.

    def progress(self) -> None:
        """FFmpeg gave control back."""
        self._board.progress(time.monotonic_ns())
        if self._stop.is_set():
            raise CameraLost("stopping")

    def damaged(self) -> None:
        """A packet could not be decoded."""
        self._board.count(damaged=1)

    def _attempts(self) -> Retrying:
        """Tries with growing pauses; they begin anew after a connection that gave frames."""
        capture = self._orders.capture
        growing = wait_exponential(capture.reconnect_first_s, max=capture.reconnect_longest_s)
        return Retrying(
            retry=retry_if_exception_type(CameraLost),
            wait=lambda attempt: spread_s(capture, growing(attempt)),
            stop=lambda _: self._stop.is_set(),
            retry_error_callback=lambda _: None,
            before_sleep=self._report,
            sleep=self._pause,
        )

    def _report(self, attempt: RetryCallState) -> None:
        error = attempt.outcome.exception() if attempt.outcome else None
        self._down(str(error), attempt.upcoming_sleep)

    def _down(self, reason: str, retry_s: float) -> None:
        self._board.activity = ReaderActivity.WAITING
        self._path.lost()
        self._link.send(CameraDown(self._clean(reason), retry_s))

    def _pause(self, seconds: float) -> None:
        """Wait, with signs of progress: waiting is what the reader is meant to do now."""
        until_s = time.monotonic() + seconds
        while not self._stop.is_set() and (left_s := until_s - time.monotonic()) > 0:
            self._board.progress(time.monotonic_ns())
            self._stop.wait(min(left_s, _BEAT_S))

    def _read_once(self) -> None:
        """From opening the camera to losing it.

        Raises:
            CameraLost: it could not be opened, or gave no frame at all.
        """
        capture, camera = self._orders.capture, self._orders.camera
        self._board.activity = ReaderActivity.OPENING
        self._board.progress(time.monotonic_ns())
        frames = 0
        try:
            with open_stream(
                self._orders.address,
                transport=camera.transport,
                open_timeout_s=capture.open_timeout_s,
                read_timeout_s=capture.read_timeout_s,
                watcher=self,
                image_rate_hz=self._orders.image_rate_hz,
            ) as stream:
                self._path.connected(stream.opened)
                self._board.activity = ReaderActivity.STREAMING
                for taken in self._frames(stream):
                    self._path.take(taken)
                    frames += 1
                    if self._stop.is_set():
                        return
        except CameraLost as lost:
            if not frames or self._stop.is_set():
                raise
            self._wait_after_loss(str(lost))
            return
        self._at_the_end(frames)

    def _frames(self, stream: CameraStream) -> Iterator[Taken]:
        if is_recording(self._orders.address) and self._orders.camera.playback != "fast":
            return paced(stream.frames(), self._pause)
        return stream.frames()

    def _at_the_end(self, frames: int) -> None:
        """The stream ended without an error."""
        recording = is_recording(self._orders.address)
        if recording and self._orders.camera.playback != "loop":
            self._board.activity = ReaderActivity.FINISHED
            self._link.send(RecordingOver())
            self.stop()
        elif not frames:
            raise CameraLost("it ended before its first frame")
        elif not recording:
            self._wait_after_loss("the camera ended the stream")

    def _wait_after_loss(self, reason: str) -> None:
        """A connection that worked was lost: the first pause, then tries that begin with the shortest."""
        pause_s = spread_s(self._orders.capture, self._orders.capture.reconnect_first_s)
        self._down(reason, pause_s)
        self._pause(pause_s)

    def _clean(self, reason: str) -> str:
        from pipeline.capture.credentials import redacted

        return redacted(reason, self._orders.secrets)


def spread_s(capture: CaptureSettings, seconds: float) -> float:
    """A pause varied at random, so that the cameras of a switch do not come back all at once; never above the longest."""
    import random

    jitter = random.uniform(1 - capture.reconnect_jitter, 1 + capture.reconnect_jitter)  # noqa: S311  no secret
    return min(seconds * jitter, capture.reconnect_longest_s)


def _beat(board: ReaderBoard, ended: threading.Event) -> None:
    """Signs of life from a thread: they go on while FFmpeg waits for the camera, and stop with the process."""
    while not ended.wait(_BEAT_S):
        board.beat(time.monotonic_ns())


def main(arguments: list[str]) -> int:
    """Read one camera until the daemon says stop, or is gone."""
    parent, board_fd, socket_fd, event_fd = map(int, arguments)
    die_with_parent(parent)
    board = ReaderBoard(SharedSegment(board_fd))
    link = DaemonLink(socket_fd, event_fd)
    ended = threading.Event()
    board.beat(time.monotonic_ns())
    threading.Thread(target=_beat, args=(board, ended), name="heartbeat", daemon=True).start()
    try:
        reader = Reader(link.orders(), board, link)
        signal.signal(signal.SIGTERM, lambda *_: reader.stop())
        reader.run()
    except DaemonGone:
        return 1
    finally:
        ended.set()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
