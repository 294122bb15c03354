"""The picture of the README is drawn by one documented command, from tracks alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from pipeline.motchallenge import write_results
from tests.disturbed_tracks import random_truth

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"


def drawn(tracks: Path, picture: Path) -> bytes:
    subprocess.run(
        [sys.executable, PICTURES / "draw.py", tracks, picture, "--fps", "10", "--size", "768", "576"],
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )
    return picture.read_bytes()


def test_the_same_tracks_give_the_same_picture_and_no_footage_is_in_it(tmp_path: Path) -> None:
    write_results(tmp_path / "tracks.txt", random_truth(0))
    first, second = (drawn(tmp_path / "tracks.txt", tmp_path / name) for name in ("a.svg", "b.svg"))
    assert first == second
    assert b"<image" not in first


def test_the_picture_in_the_repository_is_small_and_holds_no_footage() -> None:
    data = (PICTURES / "replay.svg").read_bytes()
    assert len(data) < 300_000
    assert ET.fromstring(data).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own file
    assert b"<image" not in data
    assert "docs/pictures/replay.svg" in (ROOT / "README.md").read_text(encoding="utf-8")
