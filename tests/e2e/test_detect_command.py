"""``sitewatch detect`` as its users run it, on pictures drawn here and the stub detector."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.command import sitewatch

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from numpy.typing import NDArray


def _detect(*arguments: object) -> subprocess.CompletedProcess[str]:
    return sitewatch("detect", "--detector", "stub", *map(str, arguments))


def _picture(left: int = 20) -> NDArray[np.uint8]:
    image = np.full((60, 100, 3), 10, np.uint8)
    image[15:45, left : left + 12] = 240
    return image


def _write(path: Path, image: NDArray[Any]) -> Path:
    assert cv2.imwrite(str(path), image)
    return path


def _results(path: Path) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = json.loads(path.read_text())
    return results


def test_folders_and_files_of_every_kind(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    _write(folder / "frame10.png", _picture(30))
    _write(folder / "frame9.png", _picture(20))
    grey = _write(tmp_path / "grey.png", _picture()[..., 0])
    deep = _write(tmp_path / "deep.png", _picture().astype(np.uint16) * 257)
    clear = _write(tmp_path / "clear.png", np.dstack([_picture(), np.zeros((60, 100), np.uint8)]))
    out, drawn = tmp_path / "results.json", tmp_path / "drawn"
    done = _detect(folder, grey, deep, clear, "--out", out, "--draw", drawn)
    assert (done.returncode, done.stdout.strip()) == (0, f"5 persons in 5 images: {out}"), done.stderr
    assert [row["image_id"] for row in _results(out)] == [
        *("frame9.png", "frame10.png", "grey.png", "deep.png", "clear.png")
    ]
    assert _results(out)[0] == {
        "image_id": "frame9.png",
        "category_id": 1,
        "bbox": [20.0, 15.0, 12.0, 30.0],
        "score": pytest.approx(240 / 255, abs=1e-6),
    }
    assert len(list(drawn.iterdir())) == 5
    assert cv2.imread(str(drawn / "frame9.png")) is not None


def test_damaged_pictures_are_named_and_the_others_done(tmp_path: Path) -> None:
    good = _write(tmp_path / "good.png", _picture())
    cut = tmp_path / "cut.png"
    cut.write_bytes(good.read_bytes()[:60])
    empty = tmp_path / "empty.png"
    empty.touch()
    out = tmp_path / "results.json"
    done = _detect(cut, good, empty, "--out", out)
    assert done.returncode == 27
    assert [row["image_id"] for row in _results(out)] == ["good.png"]
    message = done.stderr.strip().splitlines()[-1]
    assert message.startswith("sitewatch: 2 images cannot be read, the results hold all others:")
    assert str(cut) in message
    assert str(empty) in message


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P"])
def test_colours_of_every_kind(mode: str, tmp_path: Path) -> None:
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Image.fromarray(_picture()).convert(mode).save(path, quality=100)
    assert _detect(path, "--out", tmp_path / "r.json").returncode == 0
    (row,) = _results(tmp_path / "r.json")
    assert row["bbox"] == pytest.approx([20.0, 15.0, 12.0, 30.0], abs=2)


def test_pictures_of_a_pixel_or_a_line(tmp_path: Path) -> None:
    one = _write(tmp_path / "one.png", np.full((1, 1, 3), 250, np.uint8))
    line = _write(tmp_path / "line.png", np.full((1, 5000, 3), 250, np.uint8))
    out = tmp_path / "r.json"
    done = _detect(one, line, "--out", out, "--draw", tmp_path / "drawn")
    assert done.returncode == 0, done.stderr
    assert [row["bbox"] for row in _results(out)] == [[0, 0, 5000, 1]]


def test_a_pipe_is_named_and_nobody_waits_for_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    good = _write(tmp_path / "good.png", _picture())
    done = _detect(pipe, good, "--out", tmp_path / "r.json")
    assert done.returncode == 27
    assert f"{pipe}: is a pipe, socket or device" in done.stderr
    assert len(_results(tmp_path / "r.json")) == 1


@pytest.mark.parametrize(
    ("orientation", "expected"), [(1, [20.0, 15.0, 12.0, 30.0]), (6, [15.0, 20.0, 30.0, 12.0])]
)
def test_pictures_stand_upright(orientation: int, expected: list[float], tmp_path: Path) -> None:
    encoded = cv2.imencode(".jpg", _picture(), [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    tags = (
        b"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01"
        + orientation.to_bytes(2)
        + b"\x00" * 6
    )
    exif = b"Exif\x00\x00" + tags
    path = tmp_path / "turned.jpg"
    path.write_bytes(encoded[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif + encoded[2:])
    assert _detect(path, "--out", tmp_path / "r.json").returncode == 0
    (row,) = _results(tmp_path / "r.json")
    left, top, width, height = row["bbox"]
    if orientation == 6:  # turned by 90 degrees: what was at the left is at the top
        assert (width, height) == pytest.approx(expected[2:], abs=2)
        assert top == pytest.approx(expected[1], abs=2)
    else:
        assert [left, top, width, height] == pytest.approx(expected, abs=2)


def test_threshold(tmp_path: Path) -> None:
    picture = _write(tmp_path / "a.png", _picture())
    out = tmp_path / "r.json"
    assert _detect(picture, "--out", out, "--score-threshold", 0.99).returncode == 0
    assert _results(out) == []


def test_wrong_use_ends_with_its_own_status(tmp_path: Path) -> None:
    picture = _write(tmp_path / "a.png", _picture())
    (tmp_path / "other").mkdir()
    same = _write(tmp_path / "other" / "a.png", _picture())
    (tmp_path / "nothing").mkdir()
    nameless = picture.rename(tmp_path / "other" / "nameless")
    picture = _write(tmp_path / "a.png", _picture())
    truncated = tmp_path / "yolov3-tiny.weights"
    truncated.write_bytes(bytes(4096))
    out = tmp_path / "r.json"
    for status, arguments in (
        (20, [tmp_path / "missing.png", "--out", out]),
        (21, [tmp_path / "nothing", "--out", out]),
        (10, [picture, same, "--out", out]),
        (10, [picture, "--out", out, "--draw", tmp_path]),
        (10, [nameless, "--out", out, "--draw", tmp_path / "drawn"]),
        (10, [picture, "--out", out, "--device", "tpu"]),
        (32, [picture, "--out", out, "--detector", "yolov9"]),
        (30, [picture, "--out", out, "--detector", "yolov3-tiny", "--weights", tmp_path / "missing"]),
        (33, [picture, "--out", out, "--detector", "yolov3-tiny", "--weights", truncated]),
        (70, [picture, "--out", tmp_path / "no folder" / "r.json"]),
        (70, [picture, "--out", tmp_path / "nothing"]),
    ):
        done = _detect(*arguments)
        assert done.returncode == status, (arguments, done.stderr)
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
