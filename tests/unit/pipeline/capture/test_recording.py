"""Recordings of every kind, from the first byte to the last frame."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.errors import (
    InputEmpty,
    InputNotFound,
    NoFrames,
    NotARegularFile,
    NotAVideo,
    NoVideoStream,
)
from pipeline.capture.recording import VideoRecording
from pipeline.clock import EPOCH
from tests import footage
from tests.footage import Footage, scene

if TYPE_CHECKING:
    from pipeline.capture.health import RecordingHealth
    from pipeline.frames import Frame


def read(path: Path) -> tuple[list[Frame], RecordingHealth]:
    recording = VideoRecording(path, "gate")
    try:
        frames = list(recording.frames())
        return frames, recording.health
    finally:
        recording.close()


def test_constant_rate(tmp_path: Path) -> None:
    frames, health = read(Footage(frames=12).write(tmp_path / "walk.mp4"))
    assert [frame.index for frame in frames] == list(range(12))
    assert [frame.time_s for frame in frames] == [index / 10 for index in range(12)]
    assert frames[3].captured_at == datetime(1970, 1, 1, 0, 0, 0, 300_000, tzinfo=UTC)
    assert {frame.camera_id for frame in frames} == {"gate"}
    assert np.abs(frames[5].image.astype(int) - scene(5)).mean() < 3
    assert health.is_whole
    assert health.damaged_packets == 0


def test_variable_rate_keeps_the_time_stamps(tmp_path: Path) -> None:
    pts = [0, 1, 2, 9, 10, 40, 41]
    frames, health = read(Footage(frames=7, pts=pts).write(tmp_path / "walk.mkv"))
    assert [frame.time_s for frame in frames] == [value / 10 for value in pts]
    assert health.timestamps.jumped_back == 0


def test_b_frames_come_in_the_order_in_which_they_are_shown(tmp_path: Path) -> None:
    options = {"bf": "3", "g": "30"}
    frames, _ = read(Footage(frames=20, codec_options=options).write(tmp_path / "walk.mp4"))
    assert [frame.time_s for frame in frames] == [index / 10 for index in range(20)]
    assert all(np.abs(frame.image.astype(int) - scene(frame.index)).mean() < 4 for frame in frames)


@pytest.mark.parametrize("degrees", [90, -90, 180])
def test_rotation_metadata_is_applied(tmp_path: Path, degrees: int) -> None:
    frames, _ = read(Footage(frames=2, rotation_deg=degrees).write(tmp_path / "walk.mp4"))
    upright = np.rot90(scene(0), degrees // 90)  # FFmpeg counts anticlockwise, as numpy does
    assert frames[0].image.shape == upright.shape
    assert np.abs(frames[0].image.astype(int) - upright).mean() < 4
    assert frames[0].image.flags.c_contiguous


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("grey.mkv", Footage(frames=3, codec="ffv1", pixel_format="gray", codec_options={})),
        ("444.mp4", Footage(frames=3, pixel_format="yuv444p")),
        ("10bit.mp4", Footage(frames=3, pixel_format="yuv420p10le")),
        ("12bit.mkv", Footage(frames=3, codec="ffv1", pixel_format="yuv422p12le", codec_options={})),
        ("odd.mkv", Footage(frames=3, size=(97, 63), pixel_format="yuv444p", walkers=1)),
        ("odd420.mkv", Footage(frames=3, size=(97, 63), codec="ffv1", walkers=1, codec_options={})),
        ("one.mkv", Footage(frames=3, size=(1, 1), codec="ffv1", walkers=0, codec_options={})),
        ("alpha.mkv", Footage(frames=3, codec="ffv1", pixel_format="bgra", codec_options={})),
        ("mpeg4.avi", Footage(frames=3, codec="mpeg4", codec_options={})),
        ("stream.ts", Footage(frames=3)),
    ],
)
def test_every_pixel_format_becomes_bgr(tmp_path: Path, name: str, made: Footage) -> None:
    frames, health = read(made.write(tmp_path / name))
    width, height = made.size
    assert [frame.image.shape for frame in frames] == [(height, width, 3)] * 3
    assert np.abs(frames[2].image.astype(int) - scene(2, made.size, made.walkers)).mean() < 5
    assert health.is_whole


def test_raw_stream_without_time_stamps(tmp_path: Path) -> None:
    frames, health = read(Footage(frames=6, container="h264").write(tmp_path / "walk.h264"))
    assert [frame.time_s for frame in frames] == [index / 25 for index in range(6)]
    assert health.timestamps.missing == 6


def test_time_stamps_that_jump_back(tmp_path: Path) -> None:
    straight = Footage(frames=8).write(tmp_path / "walk.ts")
    path = tmp_path / "joined.ts"
    path.write_bytes(straight.read_bytes() * 2)
    frames, health = read(path)
    assert [frame.time_s for frame in frames] == pytest.approx([index / 10 for index in range(16)])
    assert health.timestamps.jumped_back == 1


def test_frames_whose_size_changes(tmp_path: Path) -> None:
    small = Footage(frames=4, container="h264").write(tmp_path / "a.h264")
    large = Footage(frames=4, container="h264", size=(192, 144)).write(tmp_path / "b.h264")
    path = tmp_path / "both.h264"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    frames, health = read(path)
    assert [frame.image.shape[:2] for frame in frames] == [(120, 160)] * 4 + [(144, 192)] * 4
    assert health.size_changes == 1


def test_damage_in_the_middle_is_survived_and_counted(tmp_path: Path) -> None:
    whole = Footage(frames=40).write(tmp_path / "walk.mp4")
    frames, health = read(footage.damage(whole, tmp_path / "damaged.mp4"))
    assert 20 <= len(frames) < 40
    assert health.damaged_packets + len(frames) == 40
    assert frames[-1].time_s == 3.9
    assert health.is_whole


def test_damaged_transport_stream(tmp_path: Path) -> None:
    whole = Footage(frames=40).write(tmp_path / "walk.ts")
    frames, health = read(footage.damage(whole, tmp_path / "damaged.ts", 600))
    assert 20 <= len(frames) <= 40
    assert health.damaged_packets > 0


@pytest.mark.parametrize("name", ["walk.mkv", "walk.avi", "walk.ts", "walk.mp4"])
def test_a_truncated_file_gives_what_decodes(tmp_path: Path, name: str) -> None:
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    index_first = {"movflags": "faststart"} if name.endswith("mp4") else {}
    whole = Footage(frames=80, codec=codec, container_options=index_first, size=(320, 240)).write(
        tmp_path / name
    )
    assert read(whole)[1].is_whole
    frames, health = read(footage.cut(whole, tmp_path / f"cut{whole.suffix}", 0.7))
    assert 0 < len(frames) < 80
    assert health.cut_short
    assert not health.is_whole


def test_an_mp4_without_its_index(tmp_path: Path) -> None:
    whole = Footage(frames=40).write(tmp_path / "walk.mp4")
    with pytest.raises(NotAVideo, match="index that was never written"):
        VideoRecording(footage.cut(whole, tmp_path / "cut.mp4", 0.7), "gate")


def test_only_the_bytes_at_opening_are_read(tmp_path: Path) -> None:
    whole = Footage(frames=200).write(tmp_path / "walk.ts").read_bytes()
    path = tmp_path / "growing.ts"
    path.write_bytes(whole[: 188 * (len(whole) // 188 // 2)])
    recording = VideoRecording(path, "gate")
    stop = threading.Event()

    def append() -> None:
        with path.open("ab") as file:
            while not stop.is_set():
                file.write(whole)
                file.flush()
                stop.wait(0.001)

    writer = threading.Thread(target=append)
    writer.start()
    try:
        first = [frame.time_s for frame in recording.frames()]
        second = [frame.time_s for frame in recording.frames()]
    finally:
        stop.set()
        writer.join()
    assert 50 < len(first) < 150
    assert first == second
    assert recording.health.growing
    assert not recording.health.is_whole
    recording.close()


def test_the_same_frames_each_time(tmp_path: Path) -> None:
    whole = Footage(frames=40).write(tmp_path / "walk.mp4")
    path = footage.damage(whole, tmp_path / "damaged.mp4")
    first, second = read(path)[0], read(path)[0]
    assert [(f.time_s, f.image.tobytes()) for f in first] == [(f.time_s, f.image.tobytes()) for f in second]


def test_sound_only(tmp_path: Path) -> None:
    with pytest.raises(NoVideoStream, match="only: audio"):
        VideoRecording(footage.write_sound_only(tmp_path / "sound.mp4"), "gate")


@pytest.mark.parametrize("name", ["nothing.mp4", "nothing.mkv"])
def test_no_frames(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoFrames):
        VideoRecording(footage.write_without_frames(tmp_path / name), "gate")


def test_a_stream_of_damage_has_no_frames(tmp_path: Path) -> None:
    whole = Footage(frames=10).write(tmp_path / "walk.mp4")
    data = bytearray(whole.read_bytes())
    start = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    data[start:end] = bytes(end - start)
    path = tmp_path / "blank.mp4"
    path.write_bytes(data)
    recording = VideoRecording(path, "gate")
    with pytest.raises(NoFrames, match="10 damaged packets"):
        list(recording.frames())
    recording.close()


def test_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match="no such file"):
        VideoRecording(tmp_path / "nothing.mp4", "gate")


def test_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    with pytest.raises(InputEmpty):
        VideoRecording(path, "gate")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("noise.mp4", bytes(range(256)) * 20),
        ("notes.txt", b"14:02 a man at the gate\n" * 50),
        ("list.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nwalk.ts\n#EXT-X-ENDLIST\n"),
        ("list.mp4", b"ffconcat version 1.0\nfile walk.ts\n"),
    ],
)
def test_not_a_video_nor_a_way_to_other_files(tmp_path: Path, name: str, content: bytes) -> None:
    Footage(frames=5).write(tmp_path / "walk.ts")
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NotAVideo):
        VideoRecording(path, "gate")


def test_a_pipe_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "pipe.mp4"
    os.mkfifo(path)
    with pytest.raises(NotARegularFile, match="is a pipe"):
        VideoRecording(path, "gate")


def test_a_device_is_refused() -> None:
    with pytest.raises(NotARegularFile, match="is a device"):
        VideoRecording(Path("/dev/zero"), "gate")


def test_time_of_the_first_frame(tmp_path: Path) -> None:
    plain = Footage(frames=2).write(tmp_path / "plain.mp4")
    dated = Footage(frames=2, metadata={"creation_time": "2026-03-01T22:15:00+01:00"}).write(
        tmp_path / "dated.mp4"
    )
    stated = datetime(2026, 5, 1, tzinfo=UTC)
    assert VideoRecording(plain, "gate").recorded_at == EPOCH
    assert VideoRecording(dated, "gate").recorded_at == datetime(2026, 3, 1, 21, 15, tzinfo=UTC)
    assert VideoRecording(dated, "gate", stated).recorded_at == stated


def test_what_the_container_states(tmp_path: Path) -> None:
    recording = VideoRecording(Footage(frames=20).write(tmp_path / "walk.mp4"), "gate")
    assert recording.frames_expected == 20
    assert recording.nominal_rate_hz == Fraction(10)
    recording.close()
    recording.close()
