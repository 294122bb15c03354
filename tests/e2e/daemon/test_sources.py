"""Cameras that are no RTSP streams: HTTP, folders of images, recordings that come and go, devices.

A device that is there is not tested: no machine of these tests has a camera.
"""

from __future__ import annotations

import shutil
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.daemons import RunningDaemon, running_daemon
from tests.footage import Footage, write_images
from tests.mjpeg import MjpegCamera, mjpeg_camera
from tests.stored_rows import check_ended_well, check_stored, media_times

if TYPE_CHECKING:
    from pathlib import Path

QUICK: dict[str, Any] = {
    "capture": {"read_timeout_s": 1.0, "reconnect_first_s": 0.2, "reconnect_longest_s": 0.5}
}
PASSWORD = "s3cret&Word"  # noqa: S105  of a camera of the test


def check(daemon: RunningDaemon) -> None:
    daemon.stop()
    check_ended_well(daemon.database)
    check_stored(daemon.database)


def down_because(daemon: RunningDaemon, wanted: str, camera: str = "gate") -> None:
    """Until the log says why the camera cannot be had, more than once: it is tried again."""

    def reasons() -> list[str]:
        return [line["reason"] for line in daemon.log("camera down", camera=camera)]

    daemon.wait(lambda: sum(wanted in reason for reason in reasons()) >= 2, 15)
    assert not daemon.figures().cameras[camera].up


def test_http_gives_frames_that_are_tracked(tmp_path: Path) -> None:
    with (
        mjpeg_camera() as camera,
        running_daemon(tmp_path, [{"id": "gate", "source": camera.address}], **QUICK) as daemon,
    ):
        daemon.wait(lambda: daemon.figures().committed_rows > 20, 30)
        daemon.check_rates("gate")
        assert daemon.log("camera open")[0]["codec"] == "mjpeg"
        check(daemon)


def test_http_that_falls_silent(tmp_path: Path, walk: Path) -> None:
    cameras: list[dict[str, Any]] = [{"id": "dock", "source": str(walk)}]
    with mjpeg_camera() as camera:
        cameras.append({"id": "gate", "source": camera.address})
        with running_daemon(tmp_path, cameras, **QUICK) as daemon:
            daemon.wait_until_processing("gate", "dock")
            camera.flowing.clear()
            daemon.wait(lambda: daemon.log("camera down", camera="gate"), 5)
            assert "gave nothing in time" in daemon.log("camera down", camera="gate")[0]["reason"]
            daemon.check_rates("dock")
            camera.flowing.set()
            daemon.wait_until_processing("gate", timeout_s=10)
            assert not daemon.log("reader ended")  # the read time-out did it, not the watchdog
            check(daemon)


def test_http_that_hangs_up(tmp_path: Path) -> None:
    camera = MjpegCamera()
    with (
        mjpeg_camera(camera),
        running_daemon(tmp_path, [{"id": "gate", "source": camera.address}], **QUICK) as daemon,
    ):
        daemon.wait_until_processing("gate")
        camera.hang_up.set()
        daemon.wait(lambda: daemon.log("camera down", camera="gate"), 5)
        assert "broke off" in daemon.log("camera down", camera="gate")[0]["reason"]
        camera.hang_up.clear()
        daemon.wait(lambda: daemon.figures().cameras["gate"].connections >= 2, 10)
        daemon.wait_until_processing("gate", timeout_s=10)
        check(daemon)


@pytest.mark.parametrize(("status", "said"), [(404, "404"), (503, "5XX")])
def test_http_that_refuses(tmp_path: Path, status: int, said: str) -> None:
    with (
        mjpeg_camera(MjpegCamera(status=status)) as camera,
        running_daemon(tmp_path, [{"id": "gate", "source": camera.address}], **QUICK) as daemon,
    ):
        down_because(daemon, said)
        camera.status = 200
        daemon.wait_until_processing("gate")
        check(daemon)


def test_http_credentials(tmp_path: Path) -> None:
    """Wrong ones are refused, right ones let in, and neither is ever shown."""
    for name, password in (("right", PASSWORD), ("wrong", f"no{PASSWORD}")):
        (tmp_path / name).write_text(f"guard:{password}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    with mjpeg_camera(MjpegCamera(login=f"guard:{PASSWORD}")) as camera:
        cameras = [
            {"id": name, "source": camera.address, "credentials": f"file:{tmp_path / name}"}
            for name in ("right", "wrong")
        ]
        with running_daemon(tmp_path / "site", cameras, **QUICK) as daemon:
            down_because(daemon, "401", "wrong")
            daemon.wait_until_processing("right")
            check(daemon)
    shown = (tmp_path / "site" / "log").read_bytes() + daemon.database.read_bytes()
    for secret in (b"s3cret", b"guard"):
        assert secret not in shown


@pytest.mark.parametrize("playback", ["loop", "once", "fast"])
def test_a_folder_of_images(tmp_path: Path, playback: str) -> None:
    write_images(tmp_path / "images", [f"{index}.png" for index in range(30)])
    (tmp_path / "images" / "7.png").write_bytes(b"no image")
    cameras = [{"id": "gate", "source": str(tmp_path / "images"), "playback": playback}]
    with running_daemon(tmp_path / "site", cameras, replay={"image_rate_hz": 10}) as daemon:
        if playback == "loop":
            daemon.wait_until_processing("gate")
            daemon.check_rates("gate")
            assert daemon.log("camera open")[0]["rate_hz"] == 10
        else:
            took = daemon.wait(lambda: daemon.log("recording over"), 20)
            assert playback == "fast" or took > 2.5
        check(daemon)
    frames = daemon.runs()[-1].frames["gate"]
    assert frames.damaged >= 1
    if playback == "loop":
        assert frames.captured > 30
    else:
        assert frames.captured == 29
    assert check_stored(daemon.database) > 20


def test_a_recording_played_fast_keeps_its_own_times(tmp_path: Path, walk: Path) -> None:
    """However quickly it is read: ten seconds of it stay ten seconds, and there is nothing wrong with the camera."""
    cameras = [{"id": "gate", "source": str(walk), "playback": "fast"}]
    with running_daemon(tmp_path, cameras, health={"begin_after_s": 0.0}) as daemon:
        daemon.wait(lambda: daemon.log("recording over"), 20)
        daemon.wait(lambda: daemon.processed()["gate"] == 100, 10)
        daemon.stop()
        assert not daemon.log("camera fault", fault="clock_skew")
    times = media_times(daemon.database, "gate")
    assert {round((after - before).total_seconds(), 3) for before, after in pairwise(times)} == {0.1}
    assert len(times) > 90


def test_a_folder_without_images_gets_some(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    with running_daemon(
        tmp_path / "site", [{"id": "gate", "source": str(tmp_path / "images")}], **QUICK
    ) as daemon:
        down_because(daemon, "holds no image")
        write_images(tmp_path / "images", [f"{index}.png" for index in range(10)])
        daemon.wait_until_processing("gate")
        check(daemon)


def test_a_recording_is_deleted_and_comes_back(tmp_path: Path) -> None:
    recording = Footage(frames=20).write(tmp_path / "short.mp4")
    aside = shutil.copy(recording, tmp_path / "aside.mp4")
    with running_daemon(tmp_path / "site", [{"id": "gate", "source": str(recording)}], **QUICK) as daemon:
        daemon.wait_until_processing("gate")
        recording.unlink()
        down_because(daemon, "there is no such file or folder")
        shutil.move(aside, recording)
        daemon.wait_until_processing("gate")
        daemon.wait(lambda: daemon.figures().cameras["gate"].up, 5)
        check(daemon)


def test_what_is_not_there_is_tried_again(tmp_path: Path, walk: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no video", encoding="utf-8")
    cameras: list[dict[str, Any]] = [
        {"id": "later", "source": str(tmp_path / "later.mp4")},
        {"id": "empty", "source": str(tmp_path / "empty.mp4")},
        {"id": "text", "source": str(tmp_path / "text.mp4")},
        {"id": "device", "source": "/dev/video9"},
        {"id": "dock", "source": str(walk)},
    ]
    with running_daemon(tmp_path / "site", cameras, **QUICK) as daemon:
        down_because(daemon, "there is no such file or folder", "later")
        down_because(daemon, "the file is empty", "empty")
        down_because(daemon, "Invalid data", "text")
        down_because(daemon, "there is no such device", "device")
        shutil.copy(walk, tmp_path / "part")
        (tmp_path / "part").rename(tmp_path / "later.mp4")
        daemon.wait_until_processing("later")
        daemon.check_rates("dock")
        check(daemon)
