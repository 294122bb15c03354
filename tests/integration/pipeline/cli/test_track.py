"""``sitewatch track`` from folders to results and exit statuses."""

from __future__ import annotations

import shutil
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

    from numpy.typing import NDArray


@pytest.fixture
def sequence(tmp_path: Path) -> Path:
    """One person who walks through twenty frames, and two rows that hold no box."""
    folder = tmp_path / "walk"
    (folder / "det").mkdir(parents=True)
    rows = [f"{frame},-1,{10 + 4 * frame},50,40,100,0.9" for frame in range(1, 21)]
    rows += ["3,-1,nan,50,40,100,0.9", "4,-1,50,50,-40,100,0.9"]
    (folder / "det/det.txt").write_text("\n".join(rows) + "\n", encoding="ascii")
    return folder


def pictures_told(printed: str) -> int:
    """The column of the table after the frames."""
    row = next(line for line in printed.splitlines() if "walk" in line and "│" in line)
    return int(row.split("│")[3])


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
    assert pictures_told(done.stdout) == 20
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


def write_sequence(folder: Path, boxes: dict[int, int], pictures: dict[int, NDArray[np.uint8]]) -> None:
    """Ten frames a second: a person of 40 x 100 pixels at the left edge given for a frame, and its picture."""
    (folder / "det").mkdir(parents=True)
    (folder / "img1").mkdir()
    rows = [f"{frame},-1,{left},50,40,100,0.9" for frame, left in boxes.items()]
    (folder / "det/det.txt").write_text("\n".join(rows) + "\n", encoding="ascii")
    info = f"[Sequence]\nframeRate=10\nseqLength={len(pictures)}\nimWidth=400\nimHeight=200\n"
    (folder / "seqinfo.ini").write_text(info, encoding="ascii")
    for frame, picture in pictures.items():
        cv2.imwrite(str(folder / f"img1/{frame:06d}.png"), picture)


def ids(folder: Path, out: Path, *options: str) -> set[int]:
    done = sitewatch("track", folder, "--out", out, *options)
    assert done.returncode == 0, done.stderr
    return set(read_table(out / f"{folder.name}.txt").id.tolist())


def test_a_person_who_comes_back_is_known_by_the_pictures(tmp_path: Path) -> None:
    """Six seconds away: longer than motion alone is trusted."""
    boxes = dict.fromkeys(range(1, 11), 50) | dict.fromkeys(range(71, 81), 150)
    pictures = {frame: np.full((200, 400, 3), 90, np.uint8) for frame in range(1, 81)}
    for frame, left in boxes.items():
        pictures[frame][50:100, left : left + 40] = (0, 0, 200)
        pictures[frame][100:150, left : left + 40] = (200, 80, 0)
    folder = tmp_path / "back"
    write_sequence(folder, boxes, pictures)
    assert ids(folder, tmp_path / "seen") == {1}
    shutil.rmtree(folder / "img1")
    assert ids(folder, tmp_path / "blind") == {1, 2}


def test_pictures_tell_how_the_camera_moved(tmp_path: Path) -> None:
    """A jerk of three quarters of the width of the only person in view."""
    coarse = np.random.default_rng(7).integers(0, 256, (30, 60, 3), np.uint8)
    wall = cv2.resize(coarse, (800, 400), interpolation=cv2.INTER_CUBIC)
    jerk = {frame: 30 * (frame > 10) for frame in range(1, 21)}
    pictures = {frame: np.asarray(wall[:200, 200 - by : 600 - by], np.uint8) for frame, by in jerk.items()}
    folder = tmp_path / "jerk"
    write_sequence(folder, {frame: 50 + by for frame, by in jerk.items()}, pictures)
    forgetful = ("--set", "tracker.remember_s=0.01")  # nobody is known again by looks
    assert ids(folder, tmp_path / "on", "--set", "tracker.camera_motion=pictures", *forgetful) == {1}
    assert ids(folder, tmp_path / "off", "--set", "tracker.camera_motion=none", *forgetful) == {1, 2}


def test_an_image_that_does_not_decode_is_one_picture_less(sequence: Path, tmp_path: Path) -> None:
    (sequence / "img1").mkdir()
    for index in range(1, 21):
        cv2.imwrite(str(sequence / f"img1/{index:06d}.png"), scene(index))
    (sequence / "img1/000007.png").write_bytes(b"no picture")
    done = sitewatch("track", sequence, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert pictures_told(done.stdout) == 19


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
