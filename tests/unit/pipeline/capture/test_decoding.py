"""The decoder thread: bounded, lossless, watched."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from config.errors import DecoderStalled, Interrupted, NoFrames
from pipeline.accounting import DropReason, FrameAccounting, FrameCounts
from pipeline.capture.decoding import DecodingThread
from pipeline.capture.recording import VideoRecording
from pipeline.replay.interruption import StopRequest
from tests.footage import Footage, write_images
from tests.hung_footage import HungFootage

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.capture.source import FootageSource


def test_all_frames_arrive_in_order(tmp_path: Path) -> None:
    footage = VideoRecording(Footage(frames=50).write(tmp_path / "walk.mp4"), "gate")
    accounting = FrameAccounting()
    with DecodingThread(footage, timeout_s=5, ahead=2, accounting=accounting) as decoding:
        indices = [frame.index for frame in decoding]
    assert indices == list(range(50))
    assert accounting.counts().captured == 50
    assert decoding.busy_s > 0


def test_the_queue_is_bounded(tmp_path: Path) -> None:
    footage = VideoRecording(Footage(frames=50).write(tmp_path / "walk.mp4"), "gate")
    accounting = FrameAccounting()
    with DecodingThread(footage, timeout_s=5, ahead=3, accounting=accounting) as decoding:
        next(iter(decoding))
        time.sleep(0.3)
        assert accounting.counts().captured <= 5  # one taken, three waiting, one in the decoder's hands


def test_a_hung_decoder_is_taken_for_dead() -> None:
    footage = HungFootage()
    source: FootageSource = footage
    try:
        with DecodingThread(source, timeout_s=0.2) as decoding:
            frames = iter(decoding)
            assert next(frames).index == 0
            with pytest.raises(DecoderStalled, match=r"hung\.mp4: the decoder gave no frame for 0\.2 s"):
                next(frames)
            footage.released.set()
    finally:
        footage.released.set()


def test_errors_of_the_recording_reach_the_reader(tmp_path: Path) -> None:
    folder = write_images(tmp_path, ["1.png"])
    (folder / "1.png").write_bytes(b"no image")
    from pipeline.capture.image_folder import ImageFolder

    with pytest.raises(NoFrames), DecodingThread(ImageFolder(folder, "gate", 10), timeout_s=5) as decoding:
        list(decoding)


def test_leaving_early_stops_the_thread(tmp_path: Path) -> None:
    footage = VideoRecording(Footage(frames=50).write(tmp_path / "walk.mp4"), "gate")
    with DecodingThread(footage, timeout_s=5, ahead=1) as decoding:
        next(iter(decoding))
    assert not any(thread.name == "decode gate" for thread in threading.enumerate())
    footage.close()


def test_a_stop_is_noticed_while_the_decoder_hangs() -> None:
    footage = HungFootage()
    stop = StopRequest()
    try:
        with DecodingThread(footage, timeout_s=60, check=stop.check) as decoding:
            frames = iter(decoding)
            next(frames)
            threading.Timer(0.2, stop.request).start()
            with pytest.raises(Interrupted):
                next(frames)
            footage.released.set()
    finally:
        footage.released.set()


def test_a_frame_that_comes_too_late_is_not_counted() -> None:
    """The decoder hung, the run was given up, and then it wakes up."""
    footage = HungFootage(frames_before=3)
    accounting = FrameAccounting()
    with DecodingThread(footage, timeout_s=0.2, accounting=accounting) as decoding:
        frames = iter(decoding)
        for _ in range(3):
            next(frames)
            accounting.frame_processed()
        with pytest.raises(DecoderStalled):
            next(frames)
        accounting.close(DropReason.INTERRUPTED)
        footage.released.set()
    assert accounting.counts() == FrameCounts(captured=3, processed=3)
