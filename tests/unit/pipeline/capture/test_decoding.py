"""The decoder thread: bounded, lossless, watched."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.errors import DecoderStalled, NoFrames
from pipeline.accounting import FrameAccounting
from pipeline.capture.decoding import DecodingThread
from pipeline.capture.health import RecordingHealth
from pipeline.capture.recording import VideoRecording
from pipeline.frames import Frame
from tests.footage import Footage, write_images

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.capture.source import FootageSource


@dataclass
class HungFootage:
    """Gives one frame, then nothing until it is released: what a dead disk looks like."""

    path: Path = Path("hung.mp4")
    camera_id: str = "gate"
    recorded_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    nominal_rate_hz: Fraction = Fraction(10)
    frames_expected: int | None = None
    health: RecordingHealth = field(default_factory=RecordingHealth)
    released: threading.Event = field(default_factory=threading.Event)

    def frames(self) -> Iterator[Frame]:
        yield Frame(self.camera_id, 0, self.recorded_at, 0.0, np.zeros((4, 4, 3), np.uint8))
        self.released.wait()

    def close(self) -> None:
        pass


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
