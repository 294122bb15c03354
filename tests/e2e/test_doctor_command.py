"""``sitewatch doctor`` as a site integrator runs it, on a site that is ready and on one that is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from config.errors import ConfigError, SiteNotReady
from tests.command import sitewatch
from tests.footage import Footage

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> dict[str, Any]:
    """The configuration of a site that is ready."""
    recording = Footage(frames=5).write(tmp_path / "dock.mkv")
    return {
        "cameras": [{"id": "dock", "source": str(recording)}],
        "detector": {"name": "stub", "device": "cpu", "runtime": "torch"},
        "metrics": {"port": None},
    }


def doctor(
    folder: Path, site: dict[str, Any], *options: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    path = folder / "site.yaml"
    path.write_text(json.dumps(site))
    folders = {"STATE_DIRECTORY": str(folder / "state"), "RUNTIME_DIRECTORY": str(folder / "run")}
    return sitewatch("doctor", "--config", path, *options, **folders, **variables)


def rows(done: subprocess.CompletedProcess[str], outcome: str) -> list[str]:
    return [line for line in done.stdout.splitlines() if line.startswith(outcome)]


def test_a_site_that_is_ready(tmp_path: Path, site: dict[str, Any]) -> None:
    done = doctor(tmp_path, site, "--open")
    assert (done.returncode, done.stderr) == (0, "")
    assert "160x120 h264, 10 Hz" in done.stdout
    assert not rows(done, "failure")
    assert rows(done, "warning")[0].split()[1:3] == ["metrics", "port"]
    assert not (tmp_path / "state").exists(), "nothing is changed"


def test_a_site_that_is_not(tmp_path: Path, site: dict[str, Any]) -> None:
    site["cameras"] += [
        {"id": "gate", "source": "rtsp://127.0.0.1:1/a", "credentials": "env:GATE"},
        {"id": "yard", "source": str(tmp_path / "yard[1].mp4")},
    ]
    site["storage"] = {"url": f"sqlite:///{tmp_path / 'none' / 'site.db'}"}
    site["detector"] = {"name": "yolov3-tniy"}
    done = doctor(tmp_path, site, "--open", GATE="admin:s3cret")
    assert done.returncode == SiteNotReady.exit_status
    failed = rows(done, "failure")
    assert [line.split()[1:3] for line in failed] == [
        ["camera", "gate"],
        ["camera", "yard"],
        ["weights", "no"],
        ["database", "there"],
    ]
    assert "yard[1].mp4" in failed[1]
    assert done.stderr.startswith(f"sitewatch: 4 of {len(done.stdout.splitlines()) - 1} checks failed")
    assert "s3cret" not in done.stdout + done.stderr


def test_a_configuration_with_errors_ends_as_everywhere(tmp_path: Path, site: dict[str, Any]) -> None:
    site["camera"] = []
    assert doctor(tmp_path, site).returncode == ConfigError.exit_status
