"""Cameras that speak RTSP, on a real server: restarted, changed, damaged, flooding, stalling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.absent import absent
from tests.daemons import RunningDaemon, running_daemon
from tests.footage import scene
from tests.rtsp import PACKAGES, Stream, free_port, is_installed, rtsp_server
from tests.stored_rows import check_ended_well, check_stored
from tests.streams import write_stream


@pytest.fixture(scope="session", autouse=True)
def _rtsp() -> None:
    if not is_installed():
        absent(f"no RTSP server: apt-get install {PACKAGES}")


@pytest.fixture(scope="session")
def streams(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two people who walk, as byte streams of two sizes and two codecs."""
    folder = tmp_path_factory.mktemp("h264")
    return {
        "small": write_stream(folder / "small.h264", (scene(n) for n in range(100)), 10),
        "large": write_stream(folder / "large.h264", (scene(n, (320, 240)) for n in range(100)), 10),
        "newer": write_stream(folder / "newer.hevc", (scene(n) for n in range(100)), 10, "h265"),
        "quick": write_stream(folder / "quick.h264", (scene(n) for n in range(400)), 200),
    }


def rtsp(name: str, port: int, **settings: Any) -> dict[str, Any]:
    return {"id": name, "source": f"rtsp://127.0.0.1:{port}/{name}", **settings}


QUICK: dict[str, Any] = {
    "capture": {"read_timeout_s": 2.0, "reconnect_first_s": 0.3, "reconnect_longest_s": 1.0}
}


def check(daemon: RunningDaemon) -> None:
    daemon.stop()
    check_ended_well(daemon.database)
    check_stored(daemon.database)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_frames_come_and_are_tracked(tmp_path: Path, streams: dict[str, Path], transport: str) -> None:
    port = free_port()
    with (
        rtsp_server(port, Stream("gate", (streams["small"],))),
        running_daemon(tmp_path, [rtsp("gate", port, transport=transport)], **QUICK) as daemon,
    ):
        daemon.wait(lambda: daemon.figures().committed_rows > 20, 30)
        daemon.check_rates("gate")
        assert daemon.log("camera open")[0]["codec"] == "h264"
        check(daemon)
    assert check_stored(daemon.database) > 20


def test_the_server_is_restarted(tmp_path: Path, streams: dict[str, Path], walk: Path) -> None:
    port = free_port()
    cameras: list[dict[str, Any]] = [rtsp("gate", port), {"id": "dock", "source": str(walk)}]
    with running_daemon(tmp_path, cameras, **QUICK) as daemon:
        daemon.wait(lambda: daemon.log("camera down", camera="gate"), 20)  # it may be down at the start
        with rtsp_server(port, Stream("gate", (streams["small"],))):
            daemon.wait_until_processing("gate", "dock")
        daemon.wait(lambda: not daemon.figures().cameras["gate"].up, 5)
        daemon.check_rates("dock")
        with rtsp_server(port, Stream("gate", (streams["large"],))):  # another size, too
            assert daemon.wait_until_processing("gate") < 5 + 2  # and the back-off
            daemon.wait(lambda: daemon.log("camera open", camera="gate", width=320), 5)
            check(daemon)
    assert daemon.runs()[-1].frames["gate"].captured > 0


def test_the_size_of_the_picture_changes_within_a_stream(tmp_path: Path, streams: dict[str, Path]) -> None:
    port = free_port()
    with (
        rtsp_server(port, Stream("gate", (streams["small"], streams["large"]), rate_hz=25)),
        running_daemon(tmp_path, [rtsp("gate", port)], **QUICK) as daemon,
    ):
        daemon.wait(lambda: len(daemon.log("camera open", camera="gate")) >= 3, 40)
        assert {line["width"] for line in daemon.log("camera open")} == {160, 320}
        daemon.wait_until_processing("gate")
        check(daemon)


def test_the_codec_changes(tmp_path: Path, streams: dict[str, Path], walk: Path) -> None:
    """Somebody sets the camera from H.264 to H.265 while it is watched."""
    port = free_port()
    cameras: list[dict[str, Any]] = [rtsp("gate", port), {"id": "dock", "source": str(walk)}]
    with running_daemon(tmp_path, cameras, **QUICK) as daemon:
        with rtsp_server(port, Stream("gate", (streams["small"],))):
            daemon.wait_until_processing("gate", "dock")
        with rtsp_server(port, Stream("gate", (streams["newer"],), codec="h265")):
            daemon.wait(lambda: daemon.log("camera open", camera="gate", codec="hevc"), 5 + 2)
            daemon.wait_until_processing("gate")
            daemon.check_rates("gate", "dock")
            assert len(daemon.log("camera open", camera="gate")) == 2
            check(daemon)


def test_damaged_packets(tmp_path: Path, streams: dict[str, Path], walk: Path) -> None:
    port = free_port()
    cameras: list[dict[str, Any]] = [rtsp("gate", port), {"id": "dock", "source": str(walk)}]
    with (
        rtsp_server(port, Stream("gate", (streams["large"],), damage=0.2)),
        running_daemon(tmp_path, cameras, **QUICK) as daemon,
    ):
        daemon.wait_until_processing("gate", "dock")
        daemon.check_rates("dock")
        daemon.wait_until_processing("gate")
        check(daemon)


def test_a_flood_beside_nine_normal_cameras(tmp_path: Path, streams: dict[str, Path]) -> None:
    port = free_port()
    normal = [f"camera-{number}" for number in range(9)]
    served = [Stream(name, (streams["small"],)) for name in normal]
    with (
        rtsp_server(port, Stream("flood", (streams["quick"],), rate_hz=200), *served),
        running_daemon(tmp_path, [rtsp(name, port) for name in normal], **QUICK) as daemon,
    ):
        daemon.wait_until_processing(*normal)
        daemon.configure([rtsp(name, port) for name in (*normal, "flood")], **QUICK)
        daemon.reload()
        daemon.wait_until_processing("flood")
        daemon.check_rates(*normal)
        assert daemon.rates(2)["flood"] > 20
        check(daemon)


def test_a_camera_that_stalls_at_every_key_frame(
    tmp_path: Path, streams: dict[str, Path], walk: Path
) -> None:
    port = free_port()
    cameras: list[dict[str, Any]] = [rtsp("gate", port), {"id": "dock", "source": str(walk)}]
    with (
        rtsp_server(port, Stream("gate", (streams["small"],), stall_s=0.4)),
        running_daemon(tmp_path, cameras, **QUICK) as daemon,
    ):
        daemon.wait_until_processing("gate", "dock")
        daemon.check_rates("dock")
        assert daemon.rates(5)["gate"] > 5
        assert not daemon.log("camera down", camera="gate")
        check(daemon)


def test_all_cameras_down(tmp_path: Path) -> None:
    cameras: list[dict[str, Any]] = [rtsp(f"camera-{number}", 1) for number in range(3)]
    with running_daemon(tmp_path, cameras, **QUICK) as daemon:
        daemon.wait(lambda: daemon.log("ready"), 20)
        assert not any(camera.up for camera in daemon.figures().cameras.values())
        check(daemon)


def test_credentials_are_used_and_never_shown(tmp_path: Path) -> None:
    """The camera refuses: what it says must not give away what was tried."""
    cameras: list[dict[str, Any]] = [rtsp("gate", 1, credentials="env:GATE_CAMERA")]
    with running_daemon(tmp_path, cameras, variables={"GATE_CAMERA": "guard:s3cret&Word"}, **QUICK) as daemon:
        daemon.wait(lambda: daemon.log("camera down"), 20)
        shown = [b"".join((tmp_path / "log").read_bytes().splitlines())]
        for pid in daemon.children():
            shown += [(Path("/proc") / str(pid) / what).read_bytes() for what in ("cmdline", "environ")]
        daemon.stop()
    shown.append(daemon.database.read_bytes())
    for secret in (b"s3cret", b"guard:", b"s3cret%26Word"):
        assert not any(secret in text for text in shown)
