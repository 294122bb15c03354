"""From decoded frames to what leaves the reader."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from pipeline.capture.live.pictures import PictureConverter
from pipeline.capture.recording import VideoRecording
from tests.footage import Footage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def decoded(path: Path) -> Iterator[av.VideoFrame]:
    with av.open(str(path)) as container:
        yield from container.decode(video=0)


@pytest.mark.parametrize("rotation_deg", [None, 90, 180, 270])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p"])
def test_pictures_are_those_of_a_replay(
    tmp_path: Path, rotation_deg: float | None, pixel_format: str
) -> None:
    path = Footage(frames=3, rotation_deg=rotation_deg, pixel_format=pixel_format).write(
        tmp_path / "walk.mp4"
    )
    converter = PictureConverter(None)
    for frame, replayed in zip(decoded(path), VideoRecording(path, "gate").frames(), strict=True):
        assert converter.size(frame) == replayed.image.shape[:2]
        out = np.empty_like(replayed.image)
        converter.write_bgr(frame, out)
        assert np.array_equal(out, replayed.image)
        grey = converter.grey(frame)
        assert grey.shape == out.shape[:2]
        assert abs(int(grey[10, 20]) - int(out[10, 20].mean())) < 25  # the decoder's own range of grey levels


@pytest.mark.parametrize("rotation_deg", [None, 90])
def test_higher_pictures_are_made_smaller_and_keep_their_shape(
    tmp_path: Path, rotation_deg: float | None
) -> None:
    path = Footage(frames=2, size=(160, 120), rotation_deg=rotation_deg).write(tmp_path / "walk.mp4")
    converter = PictureConverter(60)
    for frame in decoded(path):
        height, width = converter.size(frame)
        assert (height, width) == ((60, 80) if rotation_deg is None else (60, 45))
        out = np.empty((height, width, 3), np.uint8)
        converter.write_bgr(frame, out)
        assert out.max() > 150  # the walkers are still there
        assert np.median(out) < 40


def test_frames_do_not_wait_for_the_garbage_collector(tmp_path: Path) -> None:
    path = Footage(frames=60).write(tmp_path / "walk.mp4")
    converter = PictureConverter(None)
    out = np.empty((120, 160, 3), np.uint8)
    gc.collect()
    gc.disable()
    try:
        for frame in decoded(path):
            converter.size(frame)
            converter.grey(frame)
            converter.write_bgr(frame, out)
        left = sum(type(each) is av.VideoFrame for each in gc.get_objects())
    finally:
        gc.enable()
    assert left < 5
