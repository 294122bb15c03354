"""What stands in place of a camera, as the reader opens it, and why it cannot be opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pipeline.capture.live.image_stream import ImageStream
from pipeline.capture.live.stream import CameraLost, open_stream
from tests.footage import Footage, scene, write_images

if TYPE_CHECKING:
    from pathlib import Path

OPENING: dict[str, Any] = {"transport": "tcp", "open_timeout_s": 5.0, "read_timeout_s": 5.0}


@dataclass
class Counting:
    """A watcher."""

    steps: int = 0
    damages: int = 0

    def progress(self) -> None:
        self.steps += 1

    def damaged(self) -> None:
        self.damages += 1


def test_images_are_pictures_at_the_rate(tmp_path: Path) -> None:
    write_images(tmp_path, [f"{index}.png" for index in range(12)])
    (tmp_path / "3.png").write_bytes(b"no image")
    watcher = Counting()
    with open_stream(str(tmp_path), **OPENING, watcher=watcher, image_rate_hz=4) as stream:
        assert stream.opened.rate_hz == 4
        taken = list(stream.frames())
    assert [each.pts_s for each in taken] == [index / 4 for index in range(12) if index != 3]
    assert np.array_equal(taken[-1].picture.to_ndarray(format="bgr24"), scene(11))
    assert (watcher.steps, watcher.damages) == (11, 1)


def test_images_of_which_none_decodes(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"no image")
    with pytest.raises(CameraLost, match="none of 1 images could be decoded"):
        list(ImageStream(str(tmp_path), 4, Counting()).frames())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("absent.mp4", "there is no such file or folder"),
        ("empty.mp4", "the file is empty"),
        ("text.mp4", "Invalid data"),
        ("folder", "holds no image"),
    ],
)
def test_why_it_cannot_be_opened(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no video", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    with (
        pytest.raises(CameraLost, match=reason),
        open_stream(str(tmp_path / name), **OPENING, watcher=Counting()),
    ):
        pass


def test_a_device_that_is_not_there() -> None:
    with (
        pytest.raises(CameraLost, match="there is no such device: is the camera plugged in"),
        open_stream("/dev/video-none", **OPENING, watcher=Counting()),
    ):
        pass


def test_a_recording_gives_all_frames(tmp_path: Path) -> None:
    recording = Footage(frames=10).write(tmp_path / "walk.mp4")
    with open_stream(str(recording), **OPENING, watcher=Counting()) as stream:
        times_s = [taken.pts_s for taken in stream.frames()]
    assert times_s == pytest.approx([index / 10 for index in range(10)])
