"""``sitewatch check-config`` and ``sitewatch config show`` as a site integrator runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from config.errors import ConfigError, InputNotFound, UnknownNetwork
from tests.command import sitewatch

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text("cameras:\n  - {id: dock, source: dock.mp4}\ndetector:\n  name: yolov3\n")
    return path


def test_a_right_file_is_ok_in_one_line(site: Path) -> None:
    done = sitewatch("check-config", site)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{site}: OK: 1 camera, 3 values set\n"


def test_check_config_names_what_the_environment_sets(site: Path) -> None:
    done = sitewatch("check-config", site, SITEWATCH__STORAGE__URL="postgresql://user:s3cret@host/db")
    assert "storage.url comes from SITEWATCH__STORAGE__URL" in done.stdout
    assert "s3cret" not in done.stdout + done.stderr


def test_a_wrong_file_ends_with_its_status_and_every_error(site: Path) -> None:
    site.write_text("detector:\n  nmae: yolov3\n  batch_size: 0\n")
    done = sitewatch("check-config", site)
    assert done.returncode == ConfigError.exit_status
    assert done.stdout == ""
    assert done.stderr == (
        "sitewatch: 2 errors in the configuration:\n"
        f"{site}:2: detector.nmae: unknown key; did you mean detector.name?\n"
        f"{site}:3: detector.batch_size: found 0, should be greater than or equal to 1\n"
    )


def test_a_detector_that_does_not_exist_is_named_with_its_line(site: Path) -> None:
    site.write_text("detector:\n  name: yolov3-tniy\n")
    done = sitewatch("check-config", site)
    assert done.returncode == UnknownNetwork.exit_status
    assert done.stderr.startswith(
        f"sitewatch: {site}:2: detector.name: no detector called 'yolov3-tniy'; there is yolov3-tiny"
    )


def test_a_missing_file_has_a_status_of_its_own(tmp_path: Path) -> None:
    assert sitewatch("check-config", tmp_path / "absent.yaml").returncode == InputNotFound.exit_status


def test_show_tells_where_each_value_comes_from(site: Path) -> None:
    done = sitewatch("config", "show", "--config", site, "--set", "detector.batch_size=4")
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert rows["detector.name"] == ["yolov3", f"{site}:4"]
    assert rows["detector.batch_size"] == ["4", "--set"]
    assert rows["detector.device"] == ["auto", "default"]


def test_show_as_yaml_is_a_configuration(site: Path, tmp_path: Path) -> None:
    done = sitewatch("config", "show", "--config", site, "--format", "yaml")
    assert yaml.safe_load(done.stdout)["detector"]["name"] == "yolov3"
    copy = tmp_path / "copy.yaml"
    copy.write_text(done.stdout)
    assert sitewatch("check-config", copy).returncode == 0


def test_a_camera_with_credentials_in_its_address_is_refused_without_showing_them() -> None:
    done = sitewatch("config", "show", "--set", "cameras=[{id: a, source: 'rtsp://u:s3cret@camera/1'}]")
    assert done.returncode == 10
    assert "should hold no user and password" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


@pytest.mark.parametrize("form", ["table", "yaml"])
def test_secrets_are_masked(form: str) -> None:
    done = sitewatch("config", "show", "--format", form, "--set", "storage.url=postgresql://u:s3cret@host/db")
    assert done.returncode == 0
    assert "s3cret" not in done.stdout
    assert "**********" in done.stdout
