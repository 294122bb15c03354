"""``sitewatch weights`` and ``sitewatch sample`` as a user runs them, with and without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from config.errors import InputNotFound, MalformedInput, UnknownNetwork, WeightsCorrupt, WeightsUnavailable
from models.weights.catalogue import entries, entry
from models.weights.resolving import resolve
from pipeline.sample import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

CLOSED = "http://127.0.0.1:9"
"""Nothing listens there: as a proxy it takes the network away."""


def sitewatch(*arguments: str | Path, cache: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    offline = {
        "HTTP_PROXY": CLOSED,
        "HTTPS_PROXY": CLOSED,
        "NO_PROXY": "",
        "PIP_INDEX_URL": f"{CLOSED}/simple",
    }
    environment = {**os.environ, **offline, "SITEWATCH_CACHE": str(cache), "COLUMNS": "200"}
    environment.pop("SITEWATCH_DATA", None)
    command = [sys.executable, "-m", "pipeline.cli.main", *arguments]
    return subprocess.run(
        command, env={**environment, **variables}, capture_output=True, text=True, check=False, timeout=120
    )


def test_list_shows_every_network(cache: Path) -> None:
    done = sitewatch("weights", "list", "--details", cache=cache)
    assert done.returncode == 0
    for one in entries().values():
        (row,) = [line for line in done.stdout.splitlines() if line.startswith(f"{one.name} ")]
        assert f"{one.size_bytes / 1e6:.1f} MB" in row


def test_offline_every_place_and_the_way_by_hand_are_named(cache: Path) -> None:
    done = sitewatch("weights", "fetch", "yolov3-tiny", cache=cache)
    assert done.returncode == WeightsUnavailable.exit_status
    (file,) = entry("yolov3-tiny").files
    for place in file.places:
        assert f"{place}: " in done.stderr
    assert file.sha256 in done.stderr
    assert "sitewatch weights fetch yolov3-tiny --from FILE" in done.stderr
    assert str(cache / "weights" / file.name) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.weights
def test_a_file_brought_by_hand_is_taken_and_verified(cache: Path, tiny_weights: Path) -> None:
    done = sitewatch("weights", "fetch", "yolov3-tiny", "--from", tiny_weights, cache=cache)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(cache / "weights" / "yolov3-tiny.weights")
    assert resolve("yolov3-tiny").read_bytes() == tiny_weights.read_bytes()
    verified = sitewatch("weights", "verify", cache=cache)
    assert verified.stdout == "yolov3-tiny: yolov3-tiny.weights: OK\n"


def test_another_file_brought_by_hand_is_refused(cache: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.weights"
    other.write_bytes(b"something else")
    done = sitewatch("weights", "fetch", "yolov3-tiny", "--from", other, cache=cache)
    assert done.returncode == WeightsCorrupt.exit_status
    assert "14 bytes" in done.stderr
    assert not (cache / "weights" / "yolov3-tiny.weights").exists()
    absent = sitewatch("weights", "fetch", "yolov3-tiny", "--from", tmp_path / "absent", cache=cache)
    assert absent.returncode == InputNotFound.exit_status


@pytest.mark.parametrize("size_bytes", [35_434_956, 35_000_000, 0])
def test_a_damaged_file_is_named_with_the_command_that_repairs_it(cache: Path, size_bytes: int) -> None:
    path = cache / "weights" / "yolov3-tiny.weights"
    path.parent.mkdir(parents=True)
    path.touch()
    os.truncate(path, size_bytes)
    with pytest.raises(WeightsCorrupt, match="`sitewatch weights fetch yolov3-tiny` replaces it"):
        resolve("yolov3-tiny")
    done = sitewatch("weights", "verify", cache=cache)
    assert done.returncode == WeightsCorrupt.exit_status
    assert "sitewatch weights fetch yolov3-tiny" in done.stderr


def test_verify_says_what_was_never_fetched(cache: Path) -> None:
    assert "no weights are in the cache yet" in sitewatch("weights", "verify", cache=cache).stdout
    done = sitewatch("weights", "verify", "mtcnn", cache=cache)
    assert done.returncode == WeightsUnavailable.exit_status
    assert "sitewatch weights fetch mtcnn" in done.stderr


def test_an_unknown_network_gets_a_suggestion(cache: Path) -> None:
    done = sitewatch("weights", "fetch", "yolo3-tiny", cache=cache)
    assert done.returncode == UnknownNetwork.exit_status
    assert "did you mean yolov3-tiny?" in done.stderr


@pytest.mark.data
def test_the_sample_comes_from_the_evaluation_data(cache: Path, data_dir: Path) -> None:
    done = sitewatch("sample", "fetch", cache=cache, SITEWATCH_DATA=str(data_dir))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{cache / 'footage' / 'vtest.avi'}\n"
    again = sitewatch("sample", "fetch", cache=cache)
    assert (again.stdout, again.stderr) == (done.stdout, "")


def test_without_any_place_the_sample_says_what_to_do(cache: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    done = sitewatch("sample", "fetch", cache=cache, PATH=str(tools))
    assert done.returncode == InputNotFound.exit_status
    for place in SAMPLE.places:
        assert f"{place}: " in done.stderr
    assert "sitewatch sample fetch --from FILE" in done.stderr


def test_another_sample_is_refused(cache: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.avi"
    shutil.copy(__file__, other)
    done = sitewatch("sample", "fetch", "--from", other, cache=cache)
    assert done.returncode == MalformedInput.exit_status
    assert "instead of 8,131,690" in done.stderr
