"""What the daemon says to systemd: that it is ready, what it does, that it lives.

Reference: sd_notify(3), and https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html for the protocol: a
datagram of ``NAME=value`` lines to the socket that ``NOTIFY_SOCKET`` names.
"""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATIENCE_S = 0.1
"""systemd reads at once. While it does not, as when it starts itself anew, the cameras matter more."""


class ServiceNotifier:
    """A line to the service manager; says nothing where there is none, and never raises when it is cut.

    A change of state (ready, reloading, stopping) that could not be delivered is said again with the next message.

    Args:
        address: of the manager's socket: a path, or an abstract name behind ``@``; None for nobody.
        watchdog_interval_s: how long the manager waits between two signs of life; None if it does not ask for any.
    """

    def __init__(self, address: str | None = None, watchdog_interval_s: float | None = None) -> None:
        self._address = _socket_address(address)
        self._watchdog_interval_s = watchdog_interval_s
        self._owed: tuple[str, ...] = ()
        self._status: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """The line that the manager has laid for this process.

        Args:
            environment: ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` are looked at.
        """
        return cls(environment.get("NOTIFY_SOCKET"), _watchdog_interval_s(environment))

    @property
    def watchdog_interval_s(self) -> float | None:
        """Silence of this many seconds is taken for death: call :meth:`watchdog` at least twice as often."""
        return self._watchdog_interval_s

    def ready(self, status: str) -> None:
        """The start, or a reload, is finished."""
        self._change("READY=1", _status_line(status))

    def reloading(self) -> None:
        """The configuration is being read again; :meth:`ready` ends it."""
        self._change("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The daemon winds up."""
        self._change("STOPPING=1")

    def status(self, text: str) -> None:
        """One line for ``systemctl status``; sent when it has changed."""
        if text != self._status and self._deliver(*self._owed, _status_line(text)):
            self._status, self._owed = text, ()

    def watchdog(self) -> None:
        """A sign of life."""
        if self._deliver(*self._owed, "WATCHDOG=1"):
            self._owed = ()

    def _change(self, *lines: str) -> None:
        """States do not add up: only the latest is owed."""
        self._owed = () if self._deliver(*lines) else lines

    def _deliver(self, *lines: str) -> bool:
        if self._address is None:
            return True
        # A socket for each message: the manager's own may be another one by now.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.settimeout(_PATIENCE_S)
            try:
                line.sendto("\n".join(lines).encode(errors="replace"), self._address)
            except OSError:  # it went away, or does not read: TimeoutError is one too
                return False
        return True


def _socket_address(address: str | None) -> str | None:
    """As the kernel wants it: abstract names begin with a zero byte."""
    if address is None or address[:1] not in {"/", "@"}:
        return None
    return f"\0{address[1:]}" if address.startswith("@") else address


def _watchdog_interval_s(environment: Mapping[str, str]) -> float | None:
    """None where the manager asks for no signs of life, or asks another process."""
    interval_us = environment.get("WATCHDOG_USEC", "")
    pid = environment.get("WATCHDOG_PID", str(os.getpid()))
    if not (interval_us.isascii() and interval_us.isdecimal() and int(interval_us)) or pid != str(
        os.getpid()
    ):
        return None
    return int(interval_us) / 1e6


def _status_line(text: str) -> str:
    return f"STATUS={' '.join(text.split())}"
