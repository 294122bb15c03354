"""What arrives at a service manager's socket, and what happens when there is none."""

from __future__ import annotations

import os
import socket
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from pipeline.service.notify import ServiceNotifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def manager(address: str) -> Iterator[socket.socket]:
    """A service manager that listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        listening.settimeout(5)
        yield listening


def lines(listening: socket.socket) -> list[str]:
    return listening.recv(4096).decode().split("\n")


def to(path: Path) -> ServiceNotifier:
    return ServiceNotifier.from_environment({"NOTIFY_SOCKET": str(path)})


def test_the_life_of_a_daemon(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    notifier = to(path)
    with manager(str(path)) as listening:
        notifier.ready("2 of 2 cameras")
        assert lines(listening) == ["READY=1", "STATUS=2 of 2 cameras"]
        notifier.status("1 of 2 cameras,\n dock is down")
        assert lines(listening) == ["STATUS=1 of 2 cameras, dock is down"]
        notifier.watchdog()
        assert lines(listening) == ["WATCHDOG=1"]
        notifier.stopping()
        assert lines(listening) == ["STOPPING=1"]


def test_a_reload_says_when_it_began(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with manager(str(path)) as listening:
        before_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        to(path).reloading()
        state, moment = lines(listening)
        assert state == "RELOADING=1"
        name, _, value = moment.partition("=")
        assert name == "MONOTONIC_USEC"
        assert before_us <= int(value) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def test_abstract_names() -> None:
    name = f"sitewatch-test-{os.getpid()}"
    with manager(f"\0{name}") as listening:
        ServiceNotifier.from_environment({"NOTIFY_SOCKET": f"@{name}"}).watchdog()
        assert lines(listening) == ["WATCHDOG=1"]


def test_a_status_that_stays_the_same_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    notifier = to(path)
    with manager(str(path)) as listening:
        notifier.status("all is well")
        notifier.status("all is well")
        notifier.status("not all is well")
        assert [lines(listening), lines(listening)] == [["STATUS=all is well"], ["STATUS=not all is well"]]


@pytest.mark.parametrize("address", [None, "", "vsock:2:1234"])
def test_without_a_socket_nothing_is_said(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(socket, "socket", lambda *arguments: opened.append(arguments))
    notifier = ServiceNotifier(address)
    notifier.ready("x")
    notifier.reloading()
    notifier.status("x")
    notifier.watchdog()
    notifier.stopping()
    assert not opened


def test_what_could_not_be_said_is_said_when_the_manager_is_back(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    notifier = to(path)
    notifier.ready("x")
    notifier.watchdog()
    with manager(str(path)) as listening:
        notifier.watchdog()
        assert lines(listening) == ["READY=1", "STATUS=x", "WATCHDOG=1"]
        notifier.watchdog()
        assert lines(listening) == ["WATCHDOG=1"]
    notifier.stopping()  # its socket is closed now, but still in its place


def test_a_manager_that_does_not_read_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    notifier = to(path)
    with manager(str(path)) as listening, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as another:
        another.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                another.sendto(b"full", str(path))
        began_s = time.monotonic()
        notifier.stopping()
        assert time.monotonic() - began_s < 2
        listening.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                assert lines(listening) == ["full"]
        notifier.watchdog()
        assert lines(listening) == ["STOPPING=1", "WATCHDOG=1"]


@pytest.mark.parametrize(
    ("environment", "interval_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(os.getpid())}, 0.5),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_how_often_the_manager_wants_signs_of_life(
    environment: dict[str, str], interval_s: float | None
) -> None:
    assert ServiceNotifier.from_environment(environment).watchdog_interval_s == interval_s
