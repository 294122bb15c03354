"""One camera as the daemon sees it: its reader, its ring, its frames on their way, its tracks."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from config.errors import SharedMemoryFull
from pipeline.accounting import DropReason
from pipeline.capture.live.messages import ReaderOrders
from pipeline.confirmation import RecordingRule
from pipeline.daemon.camera_reader import CameraReader
from pipeline.daemon.camera_watch import CameraWatch
from pipeline.daemon.held_frames import DaemonRing, HeldFrame
from pipeline.daemon.moving_time import MovingTime
from pipeline.frames import Frame
from pipeline.live_accounting import LiveAccounting
from pipeline.ring.board import ReaderActivity, ReaderBoard, ReaderCounts
from pipeline.ring.frame_ring import FrameRing
from pipeline.ring.segment import LockUnavailable
from pipeline.stages import CameraStages, follow_stage

if TYPE_CHECKING:
    from config.schema import Settings
    from config.sections.cameras import CameraSettings
    from models.detections import Detections
    from pipeline.accounting import FrameCounts
    from pipeline.camera_health.faults import CameraEvent
    from pipeline.capture.live.messages import CameraDown, Looked, PictureSize
    from pipeline.daemon.loop import EventLoop
    from pipeline.daemon.wall_clock import WallAnchor
    from storage.records import ObservationBatch

_log = structlog.get_logger("sitewatch.camera")

_LOCK_S = 0.005
"""The reader holds the lock for microseconds; who waits so long waits for a process that was stopped."""
_FALLBACK_RATE_HZ = 25.0


class RingUser(Protocol):
    """The device worker that looks at a camera's frames."""

    def attach(self, ring: DaemonRing) -> None:
        """Batches may name this ring from now on."""

    def detach(self, ring: DaemonRing) -> None:
        """No batch names it any more."""


@dataclass(frozen=True, slots=True)
class Heritage:
    """What a camera leaves to the one that is declared in its place: ids and sums go on.

    Attributes:
        accounting: of the frames, with the reader's counts.
        next_id: of its next track.
    """

    accounting: LiveAccounting
    next_id: int


class LiveCamera:
    """Takes frames from one reader and makes tracks of what was found in them.

    Args:
        camera: its settings.
        address: what to open, with credentials.
        secrets: texts that no message may hold.
        settings: of the site.
        loop: watches the reader.
        user: looks at the frames.
        anchor: gives UTC times.
        heritage: of the same camera with other settings.

    Attributes:
        accounting: what became of its frames.
        down: why the camera cannot be had; None while it can.
        waiting_since_s: when the oldest frame that waits was noticed; None while none waits.
    """

    def __init__(
        self,
        camera: CameraSettings,
        *,
        address: str,
        secrets: tuple[str, ...],
        settings: Settings,
        loop: EventLoop,
        user: RingUser,
        anchor: WallAnchor,
        heritage: Heritage | None = None,
    ) -> None:
        self.settings = camera
        self._site = settings
        self._loop = loop
        self._user = user
        self._anchor = anchor
        self.accounting = heritage.accounting if heritage else LiveAccounting(ReaderCounts())
        self._board = ReaderBoard.create(self.accounting.reader)
        self._next_id = heritage.next_id if heritage else 1
        self._ring: DaemonRing | None = None
        self._stages: CameraStages | None = None
        self._shape: tuple[int, ...] = ()
        self._event_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.rate_hz: float | None = None
        self.down: str | None = "not opened yet"
        self.waiting_since_s: float | None = None
        self._news = 0
        self._closed = False
        orders = ReaderOrders(
            camera,
            address,
            secrets,
            settings.capture,
            settings.motion_gate,
            settings.health,
            ring_slots(settings),
            settings.replay.image_rate_hz,
        )
        self._moving = MovingTime()
        self._health = CameraWatch(camera, settings)
        self._reader = CameraReader(orders, self._board, self._event_fd, settings, loop, self)

    @property
    def id(self) -> str:
        """Name of the camera."""
        return self.settings.id

    @property
    def reader(self) -> CameraReader:
        """Its reader process."""
        return self._reader

    @property
    def activity(self) -> ReaderActivity:
        """What the reader does."""
        return self._board.activity

    @property
    def reader_counts(self) -> ReaderCounts:
        """What the reader has counted, as of the latest look."""
        return self.accounting.reader

    @property
    def tracks(self) -> int:
        """How many tracks were begun, tentative ones included."""
        return self._first_free_id() - 1

    @property
    def faults(self) -> tuple[str, ...]:
        """Names of the faults that go on."""
        return self._health.faults

    @property
    def waiting(self) -> int:
        """How many frames wait in the ring, at most as many as may wait there."""
        return min(self.accounting.waiting, self._site.capture.queue_frames) if self._ring else 0

    @property
    def settled(self) -> bool:
        """Whether nothing of it is on its way, and nothing more will come."""
        return not self.waiting and not self.accounting.in_hand

    def start(self) -> None:
        """Start reading."""
        self._loop.watch(self._event_fd, self._noticed)
        self._reader.start()

    def counts(self) -> FrameCounts:
        """What became of its frames, as of now."""
        self._look()
        return self.accounting.counts()

    def tick(self, now_s: float) -> list[CameraEvent]:
        """Look after the reader; what has begun or ended to be the matter with the camera."""
        self._reader.tick(now_s)
        self._look()
        return self._health.tick(
            self._board.activity,
            self.accounting.reader.captured,
            self.rate_hz,
            now_s,
            self._anchor.utc(now_s),
        )

    def take_news(self) -> int:
        """Frames that were published since the last call."""
        news, self._news = self._news, 0
        return news

    # Frames.

    def lease(self, now_s: float) -> HeldFrame | None:
        """The oldest frame that waits and is not stale; None if there is none."""
        while self._ring is not None and self._ring.held <= self._site.capture.queue_frames:
            try:
                leased = self._ring.ring.lease(_LOCK_S)
            except LockUnavailable:
                return None
            self.accounting.published = self._board.published
            if leased is None:
                self.waiting_since_s = None
                return None
            ref, stamp = leased
            self.accounting.frame_taken(ref.generation)
            self._ring.held += 1
            held = HeldFrame(self, self._ring, ref, stamp)
            self.waiting_since_s = now_s if self.accounting.waiting else None
            if self._is_fresh(now_s - stamp.arrived_s):
                return held
            self.drop(held, DropReason.STALE)
        return None

    def drop(self, held: HeldFrame, reason: DropReason) -> None:
        """A frame is given up."""
        self.accounting.frame_dropped(reason)
        self._give_back(held)

    def follow(self, held: HeldFrame, detections: Detections) -> list[ObservationBatch]:
        """What a frame says of the camera's tracks; the frame is given back.

        Once the camera is closed nothing more is said: its ids have been handed on.
        """
        if self._closed:
            self.drop(held, DropReason.RING_REPLACED)
            return []
        image = held.image
        frame = Frame(
            self.id,
            held.stamp.index,
            self._anchor.utc(held.stamp.time_s),
            self._moving.advance(held.stamp.time_s, held.stamp.still_s),
            image,
        )
        stages = self._stages_for(image.shape)
        tracks = stages.follow(frame, detections)
        observations = stages.record(frame, tracks)
        self.accounting.frame_processed()
        self._give_back(held)
        return observations

    def attach_again(self) -> None:
        """The device worker was started anew and knows no ring."""
        if self._ring is not None:
            self._user.attach(self._ring)

    # The end.

    def ask_to_end(self) -> None:
        """Stop reading; frames that wait can still be leased."""
        self._reader.ask_to_end()

    def stop_reading(self) -> None:
        """The reader process ends here at the latest."""
        self._reader.close()
        self._reclaim()
        self._look()

    def close(self, reason: DropReason) -> Heritage:
        """Frames that still wait are given up; returns what the next camera of this name takes over.

        Frames that were leased before are given back by whoever holds them, and followed no more.
        """
        self._closed = True
        self.stop_reading()
        self._loop.forget(self._event_fd)
        os.close(self._event_fd)
        self._retire_ring(reason)
        self._board.close()
        return Heritage(self.accounting, self._first_free_id())

    # The ReaderListener.

    def picture_size(self, size: PictureSize) -> None:
        """The reader waits for a ring; frames of the old one that wait are given up."""
        self.rate_hz = size.rate_hz
        ring = self._ring
        if ring is None or ring.ring.layout != size.layout:
            self._retire_ring(DropReason.RING_REPLACED)
            try:
                ring = DaemonRing(FrameRing.create(size.layout, self._board, self.id))
            except SharedMemoryFull as error:
                _log.error("no room for frames", camera=self.id, reason=str(error))
                self._reader.fail(time.monotonic())
                self.down = str(error)
                return
            self._ring = ring
            self._user.attach(ring)
        self.down = None
        _log.info(
            "camera open",
            camera=self.id,
            width=size.layout.width,
            height=size.layout.height,
            rate_hz=size.rate_hz,
            codec=size.codec,
        )
        self._reader.send_ring(ring.ring.segment.fd)

    def camera_down(self, down: CameraDown) -> None:
        """The camera cannot be had for now."""
        self.down = down.reason
        _log.warning("camera down", camera=self.id, reason=down.reason, retry_s=round(down.retry_s, 2))

    def looked(self, looked: Looked) -> None:
        """What the picture looks like."""
        now_s = time.monotonic()
        self._health.looked(looked, now_s, self._anchor.utc(now_s))

    def recording_over(self) -> None:
        """A recording is at its end."""
        _log.info("recording over", camera=self.id)

    def reader_ended(self) -> None:
        """The reader is gone; what it was writing is free again."""
        self.down = "its reader process ended"
        self._reclaim()

    # Inside.

    def _noticed(self) -> None:
        """The reader raised the event for new frames."""
        try:
            self._news += os.eventfd_read(self._event_fd)
        except BlockingIOError:
            return
        self.accounting.published = self._board.published
        self.down = None
        if self.waiting_since_s is None and self.waiting:
            self.waiting_since_s = time.monotonic()

    def _look(self) -> None:
        """At the board. Without the lock a count may be a frame old, but never half a frame: see ReaderBoard."""
        self.accounting.look(self._board.counts())

    def _is_fresh(self, age_s: float) -> bool:
        return self.settings.playback == "fast" or age_s <= self._site.batching.staleness_budget_s

    def _give_back(self, held: HeldFrame) -> None:
        held.ring.ring.release(held.ref)
        held.ring.held -= 1
        if held.ring.retired and not held.ring.held:
            self._drop_ring(held.ring)

    def _retire_ring(self, reason: DropReason) -> None:
        ring, self._ring = self._ring, None
        self._look()
        self.accounting.waiting_dropped(reason)
        self.waiting_since_s = None
        if ring is not None:
            ring.retired = True
            if not ring.held:
                self._drop_ring(ring)

    def _drop_ring(self, ring: DaemonRing) -> None:
        self._user.detach(ring)
        ring.ring.close()

    def _reclaim(self) -> None:
        if self._ring is not None:
            self._ring.ring.reclaim(_LOCK_S)

    def _stages_for(self, shape: tuple[int, ...]) -> CameraStages:
        """Tracks do not go on in pictures of another size, where the same pixels mean other places."""
        if self._stages is None or self._shape != shape:
            self._next_id = self._first_free_id()
            self._shape = shape
            rate_hz = min(filter(None, (self.rate_hz, self.settings.max_rate_hz)), default=_FALLBACK_RATE_HZ)
            self._stages = CameraStages(
                follow_stage(self._site.tracker, frame_rate_hz=rate_hz, first_id=self._next_id),
                RecordingRule(second_look=False),
            )
        return self._stages

    def _first_free_id(self) -> int:
        return self._next_id if self._stages is None else self._stages.next_id


def ring_slots(settings: Settings) -> int:
    """Frames of a ring: those that may wait, as many and one more that may be on their way, and one that is written."""
    return 2 * settings.capture.queue_frames + 2
