"""``sitewatch track`` from folders to results and exit statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from config.errors import InputNotFound, MalformedInput
from pipeline.motchallenge import read_table
from tests.command import sitewatch
from tests.footage import Footage, scene

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


def test_a_second_look_adds_what_came_before_and_between(sequence: Path, tmp_path: Path) -> None:
    path = sequence / "det/det.txt"
    rows = path.read_text(encoding="ascii").splitlines()
    path.write_text("\n".join(row for row in rows if not row.startswith("12,")) + "\n", encoding="ascii")
    done = sitewatch("track", sequence, "--out", tmp_path, "--second-look")
    assert done.returncode == 0, done.stderr
    table = read_table(tmp_path / "walk.txt")
    assert table.frame.tolist() == list(range(1, 21))
    np.testing.assert_allclose(table.xyxy[:, 0], 10 + 4 * table.frame, atol=0.5)


def test_pictures_beside_the_detections_are_looked_at(sequence: Path, tmp_path: Path) -> None:
    """Images in a folder and a video give the same tracks, whichever tells the looks."""
    frames = [scene(index) for index in range(20)]
    Footage(frames=20, rate_hz=25, codec="ffv1", pixel_format="bgr0", codec_options={}).write(
        sequence / "walk.mkv"
    )
    done = sitewatch("track", sequence, "--out", tmp_path / "video")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split().count("20") >= 2  # frames, pictures
    (sequence / "walk.mkv").unlink()
    (sequence / "img1").mkdir()
    for index, frame in enumerate(frames, 1):
        cv2.imwrite(str(sequence / f"img1/{index:06d}.png"), frame)
    motion = ("--set", "tracker.camera_motion=pictures")
    for name, options in (("images", ()), ("motion", motion)):
        done = sitewatch("track", sequence, "--out", tmp_path / name, *options)
        assert done.returncode == 0, done.stderr
        assert read_table(tmp_path / name / "walk.txt").frame.tolist() == list(range(3, 21))
    same = [(tmp_path / name / "walk.txt").read_bytes() for name in ("video", "images")]
    assert same[0] == same[1]


def test_an_image_that_does_not_decode_is_one_picture_less(sequence: Path, tmp_path: Path) -> None:
    (sequence / "img1").mkdir()
    for index in range(1, 21):
        cv2.imwrite(str(sequence / f"img1/{index:06d}.png"), scene(index))
    (sequence / "img1/000007.png").write_bytes(b"no picture")
    done = sitewatch("track", sequence, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "19" in done.stdout.split()


def test_two_videos_are_refused(sequence: Path, tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        (sequence / name).write_bytes(b"")
    done = sitewatch("track", sequence, "--out", tmp_path)
    assert done.returncode == MalformedInput.exit_status
    assert "a.mp4, b.mp4" in done.stderr


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
