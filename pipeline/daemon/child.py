"""A child process of the daemon: started, watched by its heartbeat, ended."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.reduction import send_handle
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from config.overrides import ENVIRONMENT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from config.schema import Settings
    from pipeline.ring.board import ProcessBoard

_LINE_TIMEOUT_S = 1
"""Messages are small and their other half is written at once: who lets it wait so long has stopped."""
_END_S = 1.0
"""A child that was asked to end and has not after so long is killed."""
ONE_THREAD = MappingProxyType({"OPENBLAS_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"})
"""Variables by which NumPy and OpenCV start no threads of their own, one a core: their waiting takes time from the network.

Measured in readers of 10 frames/s, 768x576, on two cores: 25 task switches a frame with them, 2.5 without."""
PAST_CACHES = MappingProxyType({"GLIBC_TUNABLES": "glibc.cpu.x86_non_temporal_threshold=262144"})
"""A variable by which the C library copies pictures past the processor's caches: whoever looks at them is another process, later.

Measured on an AMD EPYC, copies into a ring: 0.5 to 0.6 ms instead of 0.8 to 0.9 for 1080p, 0.08 instead of 0.15 for 768x576."""


class ChildProcess:
    """A Python module in a process of its own, with a line to it and a board in shared memory.

    Must be started from the daemon's main thread: see :func:`pipeline.process_life.die_with_parent`.

    Args:
        module: run as ``python -m``.
        board: that the child writes to.
        fds: further file descriptors, named to the child in this order after its board and line.
        hidden: environment variables that are none of its business.
        given: environment variables that it gets unless the daemon's own say otherwise.

    Attributes:
        line: messages to and from the child.
    """

    def __init__(
        self,
        module: str,
        board: ProcessBoard,
        fds: Sequence[int] = (),
        hidden: Collection[str] = (),
        given: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._board = board
        ours, theirs = socket.socketpair()
        # A child that is stopped in the middle of a word must not keep the daemon waiting for the rest of it.
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            ours.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", _LINE_TIMEOUT_S, 0))
        with theirs:
            inherited = [board.segment.fd, theirs.fileno(), *fds]
            board.begin_anew(time.monotonic_ns())
            # The command line shows what everybody may see: orders, with what is secret in them, go over the line.
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-P", "-m", module, str(os.getpid()), *map(str, inherited)],
                stdin=subprocess.DEVNULL,
                env={**given, **_environment(hidden)},
                pass_fds=inherited,
                process_group=0,  # signals for the group of the daemon, as from a terminal, are not for its children
            )
        self.line: Connection[Any, Any] = Connection(ours.detach())

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """As the shell would say it, negative for a signal; None while the process runs."""
        return self._process.poll()

    def silent_s(self, now_s: float) -> float:
        """Since when it has given no sign of life, seconds."""
        return now_s - self._board.heartbeat_ns / 1e9

    def stuck_s(self, now_s: float) -> float:
        """Since when FFmpeg has not given control back, seconds."""
        return now_s - self._board.progress_ns / 1e9

    def send(self, message: Any) -> bool:
        """Tell the child; False if it is no more, which the next look at it will show."""
        try:
            self.line.send(message)
        except OSError:
            return False
        return True

    def send_fd(self, fd: int) -> bool:
        """Give the child a file descriptor; as :meth:`send`."""
        try:
            send_handle(self.line, fd, self.pid)
        except OSError:
            return False
        return True

    def ask_to_end(self) -> None:
        """A polite request, as for a camera that counts its sessions."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, also if it is stopped."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def close(self, timeout_s: float = _END_S) -> None:
        """Wait for its end, kill it if that does not come, and let go of the line."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self.line.close()


def credential_variables(settings: Settings) -> frozenset[str]:
    """Environment variables that hold the credentials of cameras."""
    references = [camera.credentials or "" for camera in settings.cameras]
    return frozenset(each.removeprefix("env:") for each in references if each.startswith("env:"))


def _environment(hidden: Collection[str]) -> dict[str, str]:
    """Without what may hold secrets: children are told what they need, and ``ps e`` shows the environment."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in hidden and not name.startswith(ENVIRONMENT_PREFIX)
    }
