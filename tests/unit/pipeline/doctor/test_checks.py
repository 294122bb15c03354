"""What single checks make of settings and of the environment."""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

import pytest

from config.loading import load_settings
from config.schema import Settings
from config.sections.cameras import CameraSettings
from config.sections.capture import CaptureSettings
from config.sections.detector import DetectorSettings
from config.sections.supervisor import SupervisorSettings
from pipeline.daemon.live_camera import ring_slots
from pipeline.doctor.configuration import check_configuration
from pipeline.doctor.devices import check_devices
from pipeline.doctor.ffmpeg import check_ffmpeg
from pipeline.doctor.findings import Finding, Outcome
from pipeline.doctor.folders import check_folders
from pipeline.doctor.limits import check_descriptors
from pipeline.doctor.privacy_masks import check_privacy_masks
from pipeline.doctor.service import check_service
from pipeline.doctor.shared_memory import check_shared_memory, needed_bytes
from pipeline.doctor.weights import check_weights

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

OK, WARNING, FAILURE = Outcome.OK, Outcome.WARNING, Outcome.FAILURE


def only(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    assert finding.outcome is OK or finding.remedy or ": " in finding.found, "says nothing to do"
    return finding


def site(*cameras: CameraSettings, queue_frames: int = 3) -> Settings:
    return Settings(cameras=cameras, capture=CaptureSettings(queue_frames=queue_frames))


def camera(name: str, source: str = "rtsp://camera/1", max_height_px: int | None = None) -> CameraSettings:
    return CameraSettings(id=name, source=source, max_height_px=max_height_px)


def test_a_configuration_without_cameras(tmp_path: Path) -> None:
    assert only(check_configuration(load_settings())).outcome is WARNING
    path = tmp_path / "site.yaml"
    path.write_text("detector: {name: yolov3}\n")
    assert only(check_configuration(load_settings(path))).outcome is FAILURE


def test_two_cameras_with_one_address() -> None:
    cameras = "cameras=[{id: a, source: x.mp4}, {id: b, source: y.mp4, substream: x.mp4, stream: sub}]"
    summary, twice = check_configuration(load_settings(overrides=[cameras]))
    assert summary.outcome is OK
    assert (twice.outcome, twice.found) == (WARNING, "a, b read the same address")


SQUARE = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
CROSSED = ((0.2, 0.2), (0.6, 0.6), (0.6, 0.2), (0.2, 0.6))
LINE = ((0.2, 0.2), (0.6, 0.6), (0.4, 0.4))
U_SHAPED = ((0.1, 0.1), (0.3, 0.1), (0.3, 0.7), (0.7, 0.7), (0.7, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
EVERYTHING = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize(
    ("masks", "outcome"),
    [
        ((SQUARE,), OK),
        ((SQUARE, U_SHAPED), OK),
        ((CROSSED,), WARNING),
        ((LINE,), WARNING),
        ((EVERYTHING,), FAILURE),
    ],
)
def test_privacy_masks(masks: tuple[tuple[tuple[float, float], ...], ...], outcome: Outcome) -> None:
    masked = CameraSettings(id="dock", source="x.mp4", privacy_masks=masks)
    assert only(check_privacy_masks([masked, camera("gate")])).outcome is outcome


def test_the_strange_mask_is_named() -> None:
    masked = CameraSettings(id="dock", source="x.mp4", privacy_masks=(SQUARE, CROSSED))
    assert "privacy_masks.1" in only(check_privacy_masks([masked])).found


def test_weights_that_were_not_fetched(cache: Path) -> None:
    finding = only(check_weights(DetectorSettings()))
    assert finding.outcome is FAILURE
    assert str(cache) in finding.found
    assert "sitewatch weights fetch yolov3-tiny" in finding.remedy


def test_weights_that_are_damaged(cache: Path) -> None:
    (cache / "weights").mkdir(parents=True)
    (cache / "weights" / "yolov3-tiny.weights").write_bytes(b"short")
    finding = only(check_weights(DetectorSettings()))
    assert finding.outcome is FAILURE
    assert finding.remedy == "sitewatch weights fetch yolov3-tiny replaces it"


def test_weights_of_the_site(tmp_path: Path) -> None:
    mine = tmp_path / "mine.weights"
    mine.write_bytes(b"x")
    assert only(check_weights(DetectorSettings(weights_file=mine))).outcome is OK
    assert only(check_weights(DetectorSettings(weights_file=tmp_path))).outcome is FAILURE
    weights, definition = check_weights(DetectorSettings(name="darknet", weights_file=mine))
    assert (weights.outcome, definition.outcome) == (OK, FAILURE)
    assert "detector.definition_file" in definition.found


def test_a_network_that_does_not_exist() -> None:
    finding = only(check_weights(DetectorSettings(name="yolov3-tniy")))
    assert finding.outcome is FAILURE
    assert "yolov3-tiny" in finding.found


def test_devices() -> None:
    on_cpu = Settings(detector=DetectorSettings(device="cpu", runtime="torch"))
    assert only(check_devices(on_cpu)).found == "torch on cpu, f32"
    absent = Settings(detector=DetectorSettings(device="cuda:99"))
    assert only(check_devices(absent)).outcome is FAILURE
    fast = Settings(detector=DetectorSettings(device="cpu", runtime="torch", precision="f16"))
    assert "set detector.precision" in only(check_devices(fast)).found


def test_this_ffmpeg_reads_cameras() -> None:
    finding = only(check_ffmpeg([camera("usb", "/dev/video0")]))
    assert finding.outcome is OK
    assert all(name in finding.found for name in ("h264", "hevc", "mjpeg", "rtsp", "v4l2"))


def test_the_room_that_frames_need() -> None:
    one = site(camera("a"), queue_frames=3)
    pictures = ring_slots(one) * 1080 * 1920 * 3
    assert pictures <= needed_bytes(one, {}) < pictures * 1.01
    assert needed_bytes(site(camera("a"), camera("b")), {}) == 2 * needed_bytes(one, {})
    assert needed_bytes(one, {"a": (540, 960)}) < needed_bytes(one, {}) / 3.9
    assert needed_bytes(site(camera("a", max_height_px=540)), {}) < needed_bytes(one, {}) / 3.9
    assert needed_bytes(site(camera("a", max_height_px=2000)), {}) == needed_bytes(one, {})


def test_shared_memory_that_is_too_small(tmp_path: Path) -> None:
    assert only(check_shared_memory(site(camera("a")), {}, in_use=False, folder=tmp_path)).outcome is OK
    total = os.statvfs(tmp_path).f_frsize * os.statvfs(tmp_path).f_blocks
    side = int(total**0.5)
    many = site(camera("a"))
    small = only(check_shared_memory(many, {"a": (side, side)}, in_use=False, folder=tmp_path))
    assert small.outcome is FAILURE
    assert "mount -o remount,size=" in small.remedy
    assert only(check_shared_memory(many, {}, in_use=False, folder=tmp_path / "none")).outcome is FAILURE


def test_folders_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    monkeypatch.setenv("STATE_DIRECTORY", str(in_the_way / "state"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run" / "sitewatch"))
    monkeypatch.setenv("SITEWATCH_CACHE", str(in_the_way / "cache"))
    state, runtime, cache = check_folders()
    assert (state.outcome, runtime.outcome, cache.outcome) == (FAILURE, OK, WARNING)
    assert list(tmp_path.iterdir()) == [in_the_way], "nothing is made"


def test_a_limit_of_open_files_that_is_too_low() -> None:
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert only(check_descriptors(1)).outcome is OK
    many = only(check_descriptors(allowed))
    assert many.outcome is WARNING
    assert "LimitNOFILE=" in many.remedy


@pytest.mark.parametrize(
    ("environment", "outcome"),
    [
        ({}, OK),
        ({"NOTIFY_SOCKET": "/run/notify"}, WARNING),
        ({"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "60000000"}, OK),
        ({"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "30000000"}, WARNING),
        ({"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, WARNING),
    ],
)
def test_the_watchdog_of_systemd(environment: dict[str, str], outcome: Outcome) -> None:
    assert only(check_service(SupervisorSettings(), environment)).outcome is outcome
