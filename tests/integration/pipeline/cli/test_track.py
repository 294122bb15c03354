"""``sitewatch track`` from folders to results and exit statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.errors import InputNotFound, MalformedInput
from pipeline.motchallenge import read_table
from tests.command import sitewatch

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sequence(tmp_path: Path) -> Path:
    """One person who walks through twenty frames, and two rows that hold no box."""
    folder = tmp_path / "walk"
    (folder / "det").mkdir(parents=True)
    rows = [f"{frame},-1,{10 + 4 * frame},50,40,100,0.9" for frame in range(1, 21)]
    rows += ["3,-1,nan,50,40,100,0.9", "4,-1,50,50,-40,100,0.9"]
    (folder / "det/det.txt").write_text("\n".join(rows) + "\n", encoding="ascii")
    return folder


def test_results_and_a_summary(sequence: Path, tmp_path: Path) -> None:
    done = sitewatch("track", sequence, "--out", tmp_path / "new" / "results")
    assert done.returncode == 0, done.stderr
    assert [word for word in ("walk", "20", "2", "1") if word not in done.stdout.split()] == []
    rows = read_table(tmp_path / "new" / "results" / "walk.txt")
    assert set(rows.id.tolist()) == {1}
    assert rows.frame.tolist() == list(range(3, 21))


def test_twice_the_same_bytes(sequence: Path, tmp_path: Path) -> None:
    written = []
    for name in ("a", "b"):
        assert sitewatch("track", sequence, "--out", tmp_path / name).returncode == 0
        written.append((tmp_path / name / "walk.txt").read_bytes())
    assert written[0] == written[1]


def test_a_setting_from_the_command_line_counts(sequence: Path, tmp_path: Path) -> None:
    done = sitewatch("track", sequence, "--out", tmp_path, "--set", "tracker.start_score=0.95")
    assert done.returncode == 0, done.stderr
    assert len(read_table(tmp_path / "walk.txt")) == 0


def test_no_detections_is_told(tmp_path: Path) -> None:
    done = sitewatch("track", tmp_path, "--out", tmp_path / "results")
    assert done.returncode == InputNotFound.exit_status
    assert "det/det.txt" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_malformed_row_is_told_with_its_line(sequence: Path, tmp_path: Path) -> None:
    with (sequence / "det/det.txt").open("a", encoding="ascii") as rows:
        rows.write("21,-1,here,50,40,100,0.9\n")
    done = sitewatch("track", sequence, "--out", tmp_path / "results")
    assert done.returncode == MalformedInput.exit_status
    assert "det.txt:23: 'here' is no number" in done.stderr
