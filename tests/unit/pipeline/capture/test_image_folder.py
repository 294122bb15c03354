"""Folders of images as recordings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.errors import InputEmpty, NoFrames
from pipeline.capture.image_folder import ImageFolder, natural_key
from pipeline.capture.opening import open_footage
from pipeline.capture.recording import VideoRecording
from tests.footage import Footage, scene, write_images

if TYPE_CHECKING:
    from pathlib import Path


def test_natural_order(tmp_path: Path) -> None:
    write_images(tmp_path, ["frame1.png", "frame2.png", "frame9.png", "frame10.png", "frame100.png"])
    folder = ImageFolder(tmp_path, "gate", rate_hz=2, recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    frames = list(folder.frames())
    assert folder.frames_expected == 5
    assert [frame.time_s for frame in frames] == [0, 0.5, 1, 1.5, 2]
    assert all(np.array_equal(frame.image, scene(frame.index)) for frame in frames)
    assert frames[-1].captured_at == datetime(2026, 1, 1, 0, 0, 2, tzinfo=UTC)


def test_names_that_differ_in_zeros_keep_their_order() -> None:
    assert sorted(["a1", "a01", "a001"], key=natural_key) == sorted(["a001", "a1", "a01"], key=natural_key)
    assert sorted(["b2", "a10", "10", "9"], key=natural_key) == ["9", "10", "a10", "b2"]


def test_images_that_do_not_decode_are_counted_and_keep_their_time(tmp_path: Path) -> None:
    write_images(tmp_path, ["1.png", "2.png", "3.png", "4.png"])
    (tmp_path / "2.png").write_bytes(b"no image")
    (tmp_path / "3.png").write_bytes(b"")
    folder = ImageFolder(tmp_path, "gate", rate_hz=10)
    frames = list(folder.frames())
    assert [(frame.index, frame.time_s) for frame in frames] == [(0, 0.0), (1, 0.3)]
    assert folder.health.damaged_packets == 2


def test_sizes_that_change(tmp_path: Path) -> None:
    write_images(tmp_path, ["1.png", "2.png"])
    write_images(tmp_path, ["3.png"], size=(64, 100))
    folder = ImageFolder(tmp_path, "gate", rate_hz=10)
    assert [frame.image.shape for frame in folder.frames()] == [(120, 160, 3), (120, 160, 3), (100, 64, 3)]
    assert folder.health.size_changes == 1


def test_grey_images_become_bgr(tmp_path: Path) -> None:
    import cv2

    cv2.imwrite(str(tmp_path / "1.png"), scene(0)[..., 0])
    assert next(ImageFolder(tmp_path, "gate", rate_hz=10).frames()).image.shape == (120, 160, 3)


def test_nothing_to_read(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no image", encoding="ascii")
    with pytest.raises(InputEmpty, match="holds no image"):
        ImageFolder(tmp_path, "gate", rate_hz=10)
    (tmp_path / "1.jpg").write_bytes(b"no image either")
    with pytest.raises(NoFrames):
        list(ImageFolder(tmp_path, "gate", rate_hz=10).frames())


def test_opening_tells_files_from_folders(tmp_path: Path) -> None:
    write_images(tmp_path / "images", ["1.png"])
    video = Footage(frames=1).write(tmp_path / "walk.mp4")
    assert isinstance(open_footage(tmp_path / "images", "gate", image_rate_hz=5), ImageFolder)
    assert isinstance(open_footage(video, "gate", image_rate_hz=5), VideoRecording)
