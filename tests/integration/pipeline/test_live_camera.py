"""One camera of the daemon, its reader's part played by the test."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from config.schema import Settings
from config.sections.cameras import CameraSettings
from models.detections import Detections
from pipeline.accounting import DropReason
from pipeline.capture.live.messages import PictureSize
from pipeline.daemon.live_camera import LiveCamera
from pipeline.daemon.loop import EventLoop
from pipeline.daemon.wall_clock import WallAnchor
from pipeline.ring.frame_ring import FrameStamp, RingLayout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.daemon.held_frames import DaemonRing
    from pipeline.daemon.live_camera import Heritage


class Worker:
    """Notes which rings it may look at."""

    def __init__(self) -> None:
        self.rings: set[int] = set()

    def attach(self, ring: DaemonRing) -> None:
        self.rings.add(ring.number)

    def detach(self, ring: DaemonRing) -> None:
        self.rings.remove(ring.number)


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    made = EventLoop()
    yield made
    made.close()


def camera_of(loop: EventLoop, worker: Worker, heritage: Heritage | None = None) -> LiveCamera:
    camera = LiveCamera(
        CameraSettings(id="gate", source="rtsp://camera/1"),
        address="rtsp://camera/1",
        secrets=(),
        settings=Settings(),
        loop=loop,
        user=worker,
        anchor=WallAnchor(),
        heritage=heritage,
    )
    camera.picture_size(PictureSize(RingLayout(4, 4, 8), 10.0, "h264"))
    return camera


def publish(camera: LiveCamera, index: int, age_s: float = 0.0) -> None:
    assert camera._ring is not None
    ring = camera._ring.ring
    slot = ring.begin()
    assert slot is not None
    now_s = time.monotonic() - age_s
    ring.publish(slot, FrameStamp(index, now_s, now_s), captured=1)


def test_frames_of_a_closed_camera_are_followed_no_more(loop: EventLoop) -> None:
    """Its ids go to the camera in its place, which would share them with people seen before."""
    worker = Worker()
    camera = camera_of(loop, worker)
    publish(camera, 0)
    publish(camera, 1)
    held = camera.lease(time.monotonic())
    assert held is not None
    heritage = camera.close(DropReason.RING_REPLACED)
    assert worker.rings == {held.ring.number}  # a worker may still look at it
    assert camera.follow(held, Detections.empty()) == []
    assert not worker.rings
    counts = heritage.accounting.counts()
    assert counts.adds_up
    assert counts.dropped == {DropReason.RING_REPLACED: 2}
    successor = camera_of(loop, worker, heritage)
    publish(successor, 2)
    again = successor.lease(time.monotonic())
    assert again is not None
    successor.follow(again, Detections.empty())
    counts = successor.close(DropReason.RING_REPLACED).accounting.counts()
    assert (counts.captured, counts.processed, counts.in_flight) == (3, 1, 0)


def test_stale_frames_are_passed_over(loop: EventLoop) -> None:
    camera = camera_of(loop, Worker())
    publish(camera, 0, age_s=0.6)
    publish(camera, 1, age_s=0.1)
    held = camera.lease(time.monotonic())
    assert held is not None
    assert held.stamp.index == 1
    camera.follow(held, Detections.empty())
    counts = camera.close(DropReason.RING_REPLACED).accounting.counts()
    assert (counts.processed, dict(counts.dropped)) == (1, {DropReason.STALE: 1})


def test_no_more_frames_are_held_than_leave_room_for_new_ones(loop: EventLoop) -> None:
    camera = camera_of(loop, Worker())
    held = []
    for index in range(20):
        publish(camera, index)  # asserts that the reader always finds a slot
        if (frame := camera.lease(time.monotonic())) is not None:
            held.append(frame)
    assert len(held) == Settings().capture.queue_frames + 1
    for frame in held:
        camera.drop(frame, DropReason.WORKER_LOST)
    assert camera.close(DropReason.INTERRUPTED).accounting.counts().adds_up
