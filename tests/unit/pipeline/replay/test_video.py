"""H.264 in MP4: what goes in is shown at its time, and nothing else is in the file."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from pipeline.capture.recording import VideoRecording
from pipeline.replay.video import VideoWriter
from tests.footage import scene

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, times: list[float], size: tuple[int, int] = (160, 120)) -> Path:
    with VideoWriter(path, size, Fraction(10)) as video:
        for index, time_s in enumerate(times):
            video.write(scene(index, size, walkers=min(2, size[1] // 60)), time_s)
    return path


def test_pictures_keep_their_times(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.15, 3.0, 3.001, 60.0]
    frames = list(VideoRecording(write(tmp_path / "a.mp4", times), "gate").frames())
    assert [frame.time_s for frame in frames] == pytest.approx(times, abs=1e-4)
    assert all(np.abs(frame.image.astype(int) - scene(frame.index)).mean() < 5 for frame in frames)


@pytest.mark.parametrize("size", [(1, 1), (15, 17), (161, 119), (16, 16)])
def test_sides_are_padded_to_what_players_take(tmp_path: Path, size: tuple[int, int]) -> None:
    frames = list(VideoRecording(write(tmp_path / "a.mp4", [0, 0.1], size), "gate").frames())
    height, width = frames[0].image.shape[:2]
    assert (width, height) == tuple(max(16, side + side % 2) for side in size)


def test_browsers_play_it_and_it_is_unsigned(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", [index / 10 for index in range(30)])
    data = path.read_bytes()
    assert data == write(tmp_path / "b.mp4", [index / 10 for index in range(30)]).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert not any(word in data for word in (b"x264", b"Lavf", b"Lavc"))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert "creation_time" not in container.metadata


def test_times_that_do_not_rise_are_moved_on(tmp_path: Path) -> None:
    frames = list(VideoRecording(write(tmp_path / "a.mp4", [0.0, 0.0, 0.0]), "gate").frames())
    assert len(frames) == 3


def test_an_error_in_the_block_is_the_one_that_is_raised(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="other"), VideoWriter(tmp_path / "a.mp4", (64, 64), Fraction(10)):
        raise ValueError("other")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write(tmp_path / "missing" / "a.mp4", [0.0])
