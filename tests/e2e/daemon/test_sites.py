"""Sites that change and sites that are mostly absent."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.ring.segment import SHARED_MEMORY
from tests.absent import absent
from tests.daemons import READER, running_daemon
from tests.stored_rows import check_ended_well, check_stored

if TYPE_CHECKING:
    from pathlib import Path


def test_reload_touches_only_what_changed(tmp_path: Path, walk: Path) -> None:
    gate, dock = {"id": "gate", "source": str(walk)}, {"id": "dock", "source": str(walk)}
    with running_daemon(tmp_path, [gate]) as daemon:
        daemon.wait_until_processing("gate")
        (gates_reader,) = daemon.children(READER)
        daemon.configure([gate, dock])
        daemon.reload()
        daemon.wait_until_processing("dock")
        captured = daemon.figures().cameras["dock"].captured
        daemon.configure([gate, {**dock, "max_height_px": 60}])
        daemon.reload()
        daemon.wait(lambda: len(daemon.log("camera open", camera="dock", height=60)) == 1, 10)
        daemon.wait_until_processing("dock")
        assert daemon.figures().cameras["dock"].captured > captured  # its counts go on
        assert gates_reader in daemon.children(READER)
        daemon.configure([gate])
        daemon.reload()
        daemon.wait(lambda: daemon.children(READER) == [gates_reader], 5)
        assert len(daemon.log("camera added", camera="gate")) == 1
        daemon.stop()
    assert set(daemon.runs()[-1].frames) == {"gate", "dock"}
    check_ended_well(daemon.database)
    check_stored(daemon.database)


def test_a_broken_configuration_changes_nothing(tmp_path: Path, walk: Path) -> None:
    with running_daemon(tmp_path, [{"id": "gate", "source": str(walk)}]) as daemon:
        daemon.wait_until_processing("gate")
        before = daemon.children()
        daemon.config.write_text("cameras:\n  - id: gate\n    sauce: x\n", encoding="utf-8")
        daemon.process.send_signal(1)
        daemon.wait(lambda: daemon.log("configuration not reloaded: the one before stays"), 5)
        assert "site.yaml:3" in daemon.log("configuration not reloaded: the one before stays")[0]["reason"]
        daemon.wait_until_processing("gate")
        assert daemon.children() == before
        daemon.stop()


def test_a_camera_without_its_credentials_is_down_and_the_others_go_on(tmp_path: Path, walk: Path) -> None:
    locked = {"id": "locked", "source": "rtsp://127.0.0.1:1/x", "credentials": "env:NOT_SET_ANYWHERE"}
    with running_daemon(tmp_path, [locked, {"id": "gate", "source": str(walk)}]) as daemon:
        daemon.wait_until_processing("gate")
        assert "NOT_SET_ANYWHERE" in daemon.log("camera left out", camera="locked")[0]["reason"]
        assert not daemon.figures().cameras["locked"].up
        daemon.wait(lambda: daemon.log("ready"), 10)
        daemon.stop()


@pytest.mark.timeout(400)
def test_200_reloads(tmp_path: Path, walk: Path) -> None:
    gate = {"id": "gate", "source": str(walk)}
    with running_daemon(tmp_path, [gate]) as daemon:
        daemon.wait_until_processing("gate")
        daemon.configure([gate, {"id": "dock-0", "source": str(walk)}])
        daemon.reload()  # cameras that join the run do so over a connection of their own, which is kept
        daemon.configure([gate])
        daemon.reload()
        daemon.wait(lambda: len(daemon.children(READER)) == 1, 5)
        held = daemon.held()
        processed = daemon.processed()["gate"]
        for cycle in range(200):
            extra = [{"id": f"dock-{cycle % 3}", "source": str(walk)}] if cycle % 2 == 0 else []
            daemon.configure([gate, *extra])
            daemon.reload()
            if cycle % 40 == 0:
                daemon.wait_until_processing(f"dock-{cycle % 3}")
        assert daemon.processed()["gate"] > processed
        daemon.wait(lambda: len(daemon.children(READER)) == 1, 5)
        daemon.check_rates("gate")
        assert len(daemon.log("configuration reloaded")) == 202
        daemon.check_held(held)
        daemon.stop()
    check_ended_well(daemon.database)


@pytest.mark.timeout(300)
def test_64_cameras_of_which_60_do_not_exist(tmp_path: Path, walk: Path) -> None:
    present = [{"id": f"here-{number}", "source": str(walk)} for number in range(4)]
    absent = [{"id": f"gone-{number}", "source": f"rtsp://127.0.0.1:1/{number}"} for number in range(60)]
    with running_daemon(tmp_path / "all", [*absent, *present]) as daemon:
        daemon.wait_until_processing(*(camera["id"] for camera in present), timeout_s=60)
        daemon.wait(lambda: len({line["camera"] for line in daemon.log("camera down")}) == 60, 60)
        daemon.check_rates(*(camera["id"] for camera in present))
        assert sum(camera.up for camera in daemon.figures().cameras.values()) == 4
        daemon.stop()
    check_ended_well(daemon.database)


def test_no_room_in_shared_memory(tmp_path: Path, walk: Path) -> None:
    """A camera that does not fit is told with the size that is needed; one that fits goes on."""
    small = 'mount -t tmpfs -o size=1m tmpfs /dev/shm && exec "$@"'
    if subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode:
        absent("only root may give the daemon a small /dev/shm")
    cameras: list[dict[str, Any]] = [
        {"id": "small", "source": str(walk), "max_height_px": 60},
        {"id": "large", "source": str(walk)},
    ]
    capture: dict[str, Any] = {"queue_frames": 16}
    with running_daemon(
        tmp_path, cameras, prefix=("unshare", "-m", "sh", "-c", small, "sh"), capture=capture
    ) as daemon:
        daemon.wait_until_processing("small")
        daemon.wait(lambda: daemon.log("no room for frames", camera="large"), 10)
        assert f"{SHARED_MEMORY} has" in daemon.log("no room for frames")[0]["reason"]
        assert "mount -o remount,size=" in daemon.log("no room for frames")[0]["reason"]
        assert daemon.rates(2)["small"] > 5
        daemon.stop()
    check_ended_well(daemon.database)
