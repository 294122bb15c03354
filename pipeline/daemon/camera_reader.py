"""The reader process of a camera, kept alive: started, listened to, killed when it hangs, started again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import structlog

from pipeline.capture.live.messages import (
    CameraDown,
    Looked,
    PictureSize,
    ReaderOrders,
    RecordingOver,
    UseRing,
)
from pipeline.daemon.child import ONE_THREAD, PAST_CACHES, ChildProcess, credential_variables
from pipeline.daemon.kept_alive import KeptAlive
from pipeline.ring.board import ReaderActivity

if TYPE_CHECKING:
    from config.schema import Settings
    from pipeline.daemon.loop import EventLoop
    from pipeline.ring.board import ReaderBoard

_log = structlog.get_logger("sitewatch.reader")

_MODULE = "pipeline.capture.live.reader"
_ENVIRONMENT = {**ONE_THREAD, **PAST_CACHES}
_HANG_MARGIN_S = 2.0
"""FFmpeg keeps its own time-outs; when it is late by so much it hangs."""


class ReaderListener(Protocol):
    """Told of what a reader says."""

    def picture_size(self, size: PictureSize) -> None:
        """It waits for a ring of this layout."""

    def camera_down(self, down: CameraDown) -> None:
        """The camera cannot be had for now."""

    def looked(self, looked: Looked) -> None:
        """What the picture looks like."""

    def recording_over(self) -> None:
        """A recording is at its end."""

    def reader_ended(self) -> None:
        """The process is gone: what it held is to be taken back."""


class CameraReader(KeptAlive):
    """One reader process after another for one camera.

    Args:
        orders: what it is to read.
        board: of the camera; outlives the processes.
        event_fd: raised by the reader for every frame.
        settings: time-outs and restarts.
        loop: watches the line.
        listener: told of what it says.
    """

    def __init__(
        self,
        orders: ReaderOrders,
        board: ReaderBoard,
        event_fd: int,
        settings: Settings,
        loop: EventLoop,
        listener: ReaderListener,
    ) -> None:
        super().__init__(settings, loop)
        self._orders = orders
        self._board = board
        self._event_fd = event_fd
        self._listener = listener
        self._over = False

    def send_ring(self, fd: int) -> None:
        """Answer a :class:`PictureSize` with the memory of a ring that fits."""
        if self._child is not None and self._child.send(UseRing()):
            self._child.send_fd(fd)

    def fail(self, now_s: float) -> None:
        """It cannot go on: kill the process, and start one again later."""
        if self._child is not None:
            self._end(now_s, "was killed: there is no room for its frames")

    def ask_to_end(self) -> None:
        """A polite request; :meth:`close` follows."""
        if self._child is not None:
            self._child.ask_to_end()

    def close(self) -> None:
        """End the process at once, and start none again; :meth:`ask_to_end` comes before, and some patience."""
        self._start_at_s = None
        self._let_go(polite=False)

    def _spawn(self) -> ChildProcess:
        hidden = credential_variables(self._settings)
        child = ChildProcess(_MODULE, self._board, (self._event_fd,), hidden, _ENVIRONMENT)
        child.send(self._orders)
        return child

    def _hangs(self, child: ChildProcess, now_s: float) -> str | None:
        capture = self._settings.capture
        # Its imports may hold Python's lock for long.
        starting = self._board.activity is ReaderActivity.STARTING
        silence_s = capture.open_timeout_s if starting else capture.heartbeat_timeout_s
        if child.silent_s(now_s) > silence_s:
            return f"no sign of life for {child.silent_s(now_s):.1f} s"
        patience_s = {
            ReaderActivity.STREAMING: capture.read_timeout_s,
            ReaderActivity.OPENING: capture.open_timeout_s + capture.read_timeout_s,
        }.get(self._board.activity)
        if patience_s is not None and child.stuck_s(now_s) > patience_s + _HANG_MARGIN_S:
            return f"FFmpeg hangs for {child.stuck_s(now_s):.1f} s"
        return None

    def _after(self, now_s: float, how: str) -> None:
        if self._over:
            return
        restart_s = self._restart_later(now_s)
        _log.warning(
            "reader ended",
            camera=self._orders.camera.id,
            how=how,
            restart_s=round(restart_s, 2),
            degraded=self.policy.degraded,
        )
        self._listener.reader_ended()

    def _let_go(self, *, polite: bool) -> None:
        super()._let_go(polite=polite)
        self._board.activity = ReaderActivity.FINISHED if self._over else ReaderActivity.STARTING

    def _hear(self, message: Any) -> None:
        match message:
            case PictureSize():
                self._listener.picture_size(message)
            case CameraDown():
                self._listener.camera_down(message)
            case Looked():
                self._listener.looked(message)
            case RecordingOver():
                self._over = True
                self._listener.recording_over()
