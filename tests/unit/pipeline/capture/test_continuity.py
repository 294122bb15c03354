"""Frames that are not there, found from time stamps and from what containers state."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import pytest

from pipeline.capture.continuity import FrameSteps, Gap, MissingFrames
from pipeline.capture.recording import VideoRecording
from tests import footage
from tests.footage import Footage, write_to_pipe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.capture.health import RecordingHealth

TICK_S = Fraction(1, 1000)


def watched(stamps: Sequence[int | None]) -> FrameSteps:
    steps = FrameSteps(TICK_S)
    for index, pts in enumerate(stamps):
        steps.add(pts, Fraction(index) if pts is None else pts * TICK_S)
    return steps


def health(path: Path) -> tuple[int, RecordingHealth]:
    recording = VideoRecording(path, "gate")
    try:
        return sum(1 for _ in recording.frames()), recording.health
    finally:
        recording.close()


def without(frames: int, missing: Sequence[int]) -> list[int]:
    return [index for index in range(frames) if index not in missing]


def test_a_gap_in_thirty_frames_a_second_rounded_to_milliseconds() -> None:
    stamps = [round(index * 1000 / 30) for index in without(300, [100, 101, 102, 200])]
    assert watched(stamps).gaps() == MissingFrames(2, 4, (Gap(3.3, 3), Gap(6.633, 1)))


def test_a_gap_among_the_first_frames_and_in_a_short_recording() -> None:
    assert watched([index * 40 for index in without(30, [3, 4])]).gaps().first_gaps == (Gap(0.08, 2),)


@pytest.mark.parametrize(
    "stamps",
    [
        [0, 40, 80, 400, 440],  # too short to tell
        [index * 40 + (index % 3) * 25 for index in range(300)],  # jitter
        [index * 40 for index in range(600) if index % 10],  # every tenth frame is left out on purpose
        [round(1.02**index * 40 * index) for index in range(200)],  # slower and slower
        [None] * 300,
        [],
    ],
)
def test_nothing_is_said_of_a_variable_rate(stamps: Sequence[int | None]) -> None:
    steps = watched(stamps)
    assert steps.gaps() == MissingFrames()
    assert steps.missing_until(Fraction(1_000_000)) == 0


def test_time_stamps_that_are_missing_or_jump_back_are_no_gaps() -> None:
    stamps: list[int | None] = [index * 40 for index in range(100)]
    stamps[50:53] = [None, None, None]
    assert watched([*stamps, *stamps]).gaps() == MissingFrames()


def test_memory_is_bounded() -> None:
    stamps = [index * 40 for index in range(4000) if index % 40]
    found = watched(stamps).gaps()
    assert found.gaps == found.in_gaps == 99
    assert len(found.first_gaps) == 20


@pytest.mark.parametrize(
    ("end_s", "frames"), [(4, 0), (Fraction(401, 100), 0), (Fraction(405, 100), 1), (5, 25), (3, 0)]
)
def test_until_a_stated_end(end_s: Fraction | int, frames: int) -> None:
    assert watched([index * 40 for index in range(100)]).missing_until(Fraction(end_s)) == frames


@pytest.mark.parametrize("first", [5000, -2000])
def test_containers_count_from_zero_or_from_the_first_frame(first: int) -> None:
    steps = watched([first + index * 40 for index in range(100)])
    assert steps.missing_until(Fraction(4)) == 0


def _drop(source: Path, target: Path, missing: Sequence[int]) -> Path:
    """The same packets without some of them, as a recorder under load writes them."""
    with av.open(str(source)) as given, av.open(str(target), "w") as out:
        stream = given.streams.video[0]
        copy = out.add_stream_from_template(stream)
        for index, packet in enumerate(given.demux(stream)):
            if packet.dts is not None and index not in missing:
                packet.stream = copy
                out.mux(packet)
    return target


@pytest.mark.parametrize("name", ["walk.mkv", "walk.mp4", "walk.ts"])
def test_packets_that_were_never_written(tmp_path: Path, name: str) -> None:
    every_frame_a_key = {"g": "1", "bf": "0"}
    whole = Footage(frames=80, codec_options=every_frame_a_key).write(tmp_path / f"whole-{name}")
    frames, found = health(_drop(whole, tmp_path / name, [30, 31, 32]))
    assert frames == 77
    assert found.damaged_packets == 0
    assert found.missing == MissingFrames(1, 3, (Gap(2.9, 3),))
    assert found.is_whole


@pytest.mark.parametrize("name", ["walk.mkv", "walk.webm"])
def test_what_a_matroska_demuxer_skips_without_a_word(tmp_path: Path, name: str) -> None:
    codec, options = ("libvpx", {"g": "10"}) if name.endswith("webm") else ("libx264", {"g": "10"})
    whole = Footage(frames=80, size=(320, 240), codec=codec, codec_options=options).write(tmp_path / name)
    frames, found = health(footage.damage(whole, tmp_path / f"damaged-{name}", 200))
    assert frames < 80
    assert found.damaged_packets == 0
    assert found.missing.in_gaps + frames == 80


@pytest.mark.parametrize("name", ["walk.mkv", "walk.mp4"])
def test_the_end_that_a_container_states(tmp_path: Path, name: str) -> None:
    """The last packets are blanked: what is left of them is no frame."""
    whole = Footage(frames=80, size=(320, 240)).write(tmp_path / f"whole-{name}")
    with av.open(str(whole)) as container:
        packets = [packet.pos for packet in container.demux(video=0) if packet.pos is not None]
    data = bytearray(whole.read_bytes())
    start, end = packets[60], packets[-1] + 20
    data[start:end] = bytes(end - start)
    path = tmp_path / name
    path.write_bytes(data)
    frames, found = health(path)
    assert frames == 60
    assert found.missing.at_end == 20
    assert found.missing.gaps == 0


def test_what_an_edit_list_hides_is_not_missing(tmp_path: Path) -> None:
    """A recording cut without encoding it again starts at a key frame that is not to be shown."""
    whole = Footage(frames=80).write(tmp_path / "whole.mp4")
    path = tmp_path / "walk.mp4"
    with av.open(str(whole)) as given, av.open(str(path), "w") as out:
        stream = given.streams.video[0]
        copy = out.add_stream_from_template(stream)
        assert stream.time_base is not None
        shift = int(3.5 / stream.time_base)
        for packet in given.demux(stream):
            if packet.dts is None or packet.pts is None or packet.pts * stream.time_base < 3:
                continue
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, copy
            out.mux(packet)
    frames, found = health(path)
    assert frames == 45
    assert found.missing == MissingFrames()


def test_an_index_that_lists_more_than_can_be_seen(tmp_path: Path) -> None:
    """The first key frame is blanked: what follows it decodes to nothing, and no time stamp is missing in between."""
    whole = Footage(frames=80, size=(320, 240), codec="mpeg4", codec_options={"g": "10"}).write(
        tmp_path / "whole.mp4"
    )
    with av.open(str(whole)) as container:
        first, second = [packet.pos for packet in container.demux(video=0) if packet.pos is not None][:2]
    data = bytearray(whole.read_bytes())
    data[first:second] = bytes(second - first)
    path = tmp_path / "walk.mp4"
    path.write_bytes(data)
    frames, found = health(path)
    assert frames + found.damaged_packets + found.missing.unaccounted == 80
    assert frames < 80


def test_an_unfinished_reading_says_nothing_of_the_end(tmp_path: Path) -> None:
    recording = VideoRecording(Footage(frames=80).write(tmp_path / "walk.mp4"), "gate")
    frames = recording.frames()
    for _ in range(40):
        next(frames)
    assert recording.health.missing == MissingFrames()
    recording.close()


@pytest.mark.parametrize("kept", [0.3, 0.55, 0.9])
def test_a_cut_in_a_matroska_file_without_a_size(tmp_path: Path, kept: float) -> None:
    whole = write_to_pipe(Footage(frames=80, size=(320, 240)), tmp_path / "whole.mkv")
    assert not health(whole)[1].cut_short
    assert health(footage.cut(whole, tmp_path / "walk.mkv", kept))[1].cut_short


def test_a_cut_between_packets_of_a_transport_stream_cannot_be_seen(tmp_path: Path) -> None:
    """Nothing in a TS file says how long it is: this is a limit, stated in docs/replay.md."""
    whole = Footage(frames=80, size=(320, 240)).write(tmp_path / "whole.ts").read_bytes()
    path = tmp_path / "walk.ts"
    path.write_bytes(whole[: len(whole) // 188 // 2 * 188])
    frames, found = health(path)
    assert 0 < frames < 80
    assert found.is_whole
    assert found.missing == MissingFrames()
