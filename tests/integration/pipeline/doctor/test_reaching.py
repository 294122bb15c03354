"""Cameras that are there, and cameras that are not."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from pipeline.doctor.findings import Outcome
from pipeline.doctor.reaching import reach

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_S = 0.5


def test_a_host_that_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as camera:
        port = camera.getsockname()[1]
        found = reach("camera", f"rtsp://127.0.0.1:{port}/1", TIMEOUT_S)
        assert (found.outcome, found.found) == (Outcome.OK, f"127.0.0.1:{port} answers")
    assert reach("camera", f"rtsp://127.0.0.1:{port}/1", TIMEOUT_S).found.endswith("Connection refused")


def test_a_host_that_says_nothing() -> None:
    """A full backlog: the kernel answers no further connection."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as camera:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(camera.getsockname())
        found = reach("camera", f"http://127.0.0.1:{camera.getsockname()[1]}/", TIMEOUT_S)
        for each in waiting:
            each.close()
    assert found.outcome is Outcome.FAILURE
    assert "did not answer within 0.5 s" in found.found


@pytest.mark.parametrize(
    ("address", "outcome", "said"),
    [
        ("rtsp://camera.invalid/1", Outcome.FAILURE, "camera.invalid is not known"),
        ("rtsp://:554/1", Outcome.FAILURE, "names no host"),
        ("rtsp://camera:99999/1", Outcome.FAILURE, "names no host and port"),
        ("udp://239.0.0.1:5000", Outcome.WARNING, "cannot be looked at"),
        ("/dev/video99", Outcome.FAILURE, "/dev/video99: No such file"),
        ("/dev/null", Outcome.OK, "/dev/null is there"),
        ("/dev/fd", Outcome.FAILURE, "/dev/fd is no device"),
        ("gone.mp4", Outcome.FAILURE, "gone.mp4: No such file"),
    ],
)
def test_addresses(address: str, outcome: Outcome, said: str) -> None:
    found = reach("camera", address, TIMEOUT_S)
    assert found.outcome is outcome
    assert said in found.found
    assert found.outcome is Outcome.OK or found.remedy


def test_recordings(tmp_path: Path) -> None:
    recording = tmp_path / "dock.mp4"
    recording.touch()
    assert reach("camera", str(recording), TIMEOUT_S).outcome is Outcome.OK
    assert reach("camera", str(tmp_path), TIMEOUT_S).outcome is Outcome.OK  # of images
