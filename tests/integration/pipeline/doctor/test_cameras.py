"""Cameras that are opened for one frame, with user and password, by a process that can be killed."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from config.schema import Settings
from config.sections.cameras import CameraSettings
from config.sections.capture import CaptureSettings
from pipeline.doctor.cameras import CameraExamined, examine_cameras
from pipeline.doctor.findings import Outcome
from tests.footage import Footage
from tests.loopback import Loopback, Served

if TYPE_CHECKING:
    from pathlib import Path

OK, WARNING, FAILURE = Outcome.OK, Outcome.WARNING, Outcome.FAILURE


def examined(
    source: str,
    environment: dict[str, str] | None = None,
    *,
    open_it: bool = True,
    credentials: str | None = None,
) -> CameraExamined:
    camera = CameraSettings(id="dock", source=source, credentials=credentials)
    settings = Settings(cameras=(camera,), capture=CaptureSettings(open_timeout_s=1, read_timeout_s=1))
    (one,) = examine_cameras(settings, environment or {}, open_them=open_it)
    return one


def outcomes(one: CameraExamined) -> list[Outcome]:
    return [finding.outcome for finding in one.findings]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return Footage(frames=5).write(tmp_path / "dock.mkv")


def test_the_first_frame(recording: Path) -> None:
    one = examined(str(recording))
    assert outcomes(one) == [OK]
    assert one.findings[0].found == "160x120 h264, 10 Hz"
    assert one.size == (120, 160)


def test_without_being_asked_nothing_is_opened(recording: Path) -> None:
    one = examined(str(recording), open_it=False)
    assert outcomes(one) == [OK]
    assert one.size is None


def test_a_camera_that_wants_a_password(recording: Path, loopback: Loopback) -> None:
    asking = Served(
        recording.read_bytes(), statuses=[401], headers={"WWW-Authenticate": 'Basic realm="camera"'}
    )
    one = examined(loopback.serve("/1", asking), {"DOCK": "admin:p@ss"}, credentials="env:DOCK")
    assert outcomes(one) == [OK, OK]
    assert one.size == (120, 160)
    assert len(set(loopback.authorizations)) == 1


def test_a_password_that_is_wrong_is_not_shown(recording: Path, loopback: Loopback) -> None:
    refusing = Served(
        recording.read_bytes(), statuses=[401] * 9, headers={"WWW-Authenticate": 'Basic realm="x"'}
    )
    one = examined(loopback.serve("/1", refusing), {"DOCK": "admin:s3cret"}, credentials="env:DOCK")
    assert outcomes(one) == [OK, FAILURE]
    assert "gives no picture" in one.findings[1].found
    assert "s3cret" not in repr(one)
    assert "admin" not in repr(one)


def test_credentials_that_cannot_be_had(loopback: Loopback) -> None:
    address = loopback.serve("/1", b"")
    assert outcomes(examined(address, credentials="env:DOCK")) == [FAILURE, OK]
    assert outcomes(examined(address, credentials="systemd:dock")) == [WARNING, OK]
    with_folder = examined(address, {"CREDENTIALS_DIRECTORY": "/nowhere"}, credentials="systemd:dock")
    assert outcomes(with_folder) == [FAILURE, OK]


def test_what_is_no_video(tmp_path: Path) -> None:
    text = tmp_path / "dock.mp4"
    text.write_text("no video")
    assert outcomes(examined(str(text))) == [FAILURE]


def test_a_camera_that_takes_the_connection_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as camera:
        one = examined(f"rtsp://127.0.0.1:{camera.getsockname()[1]}/1")
    assert outcomes(one) == [FAILURE]
    assert "gives no picture" in one.findings[0].found
