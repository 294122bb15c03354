"""What a frame passes inside the reader before the daemon may see it: rate limit, masks, motion gate, ring."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from pipeline.camera_health.measures import PictureMeter
from pipeline.capture.live.clock import LiveClock
from pipeline.capture.live.messages import Looked, PictureSize
from pipeline.capture.live.pictures import PictureConverter
from pipeline.capture.live.rate_limit import RateLimit
from pipeline.capture.motion_gate import MotionGate, reduced_luma
from pipeline.capture.privacy import PrivacyMask
from pipeline.ring.frame_ring import FrameStamp, RingLayout

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.capture.live.link import DaemonLink
    from pipeline.capture.live.messages import ReaderOrders
    from pipeline.capture.live.stream import Opened, Taken
    from pipeline.ring.board import ReaderBoard
    from pipeline.ring.frame_ring import FrameRing

_FULL_POLL_S = 0.002
"""How often a recording that must lose no frame looks whether there is room."""


class FramePath:
    """The way of one camera's frames into shared memory; lives as long as the reader process.

    Args:
        orders: what the daemon wants.
        board: where frames are counted.
        link: to the daemon.
        stopping: whether the reader is to end.
    """

    def __init__(
        self, orders: ReaderOrders, board: ReaderBoard, link: DaemonLink, stopping: Callable[[], bool]
    ) -> None:
        camera = orders.camera
        self._orders = orders
        self._board = board
        self._link = link
        self._stopping = stopping
        # A recording that is read faster than it was made has only its own time stamps to go by.
        self._clock = LiveClock(math.inf if camera.playback == "fast" else orders.capture.pts_jump_s)
        self._rate = RateLimit(camera.max_rate_hz)
        self._gate = MotionGate(orders.gate) if camera.motion_gate else None
        self._meter = PictureMeter(orders.health)
        self._converter = PictureConverter(camera.max_height_px)
        self._mask: PrivacyMask | None = None
        self._ring: FrameRing | None = None
        self._opened: Opened | None = None
        self._is_announced = False
        self._jumps = 0
        self._looked_s = 0.0
        self._still_s = 0.0
        self._captured = board.counts().captured

    def connected(self, opened: Opened) -> None:
        """The camera answers (again)."""
        self._is_announced = self._is_announced and opened == self._opened
        self._opened = opened
        self._clock.new_connection()
        self._converter = PictureConverter(self._orders.camera.max_height_px)
        self._board.count(connections=1)

    def lost(self) -> None:
        """The daemon was told that the camera cannot be had: it will be told when it can."""
        self._is_announced = False

    def take(self, taken: Taken) -> None:
        """One frame: counted, and where it is of interest, shown to the daemon."""
        arrived_s = time.monotonic()
        time_s = self._clock.stamp(taken.pts_s, arrived_s)
        self._captured += 1
        changes = {"captured": 1, "corrupt": int(taken.picture.is_corrupt), **self._jumped()}
        if not self._rate.admits(time_s):
            self._board.count(rate_limited=1, **changes)
            return
        self._fit(taken)
        before_s, self._looked_s = self._looked_s, time_s
        if not self._is_of_interest(taken, time_s):
            self._still_s += time_s - before_s
            self._board.count(static=1, **changes)
            return
        self._show(taken, time_s, arrived_s, changes)

    def _jumped(self) -> dict[str, int]:
        jumps, self._jumps = self._clock.jumps - self._jumps, self._clock.jumps
        return {"timestamp_jumps": jumps} if jumps else {}

    def _fit(self, taken: Taken) -> None:
        """A ring and a mask for pictures of this size; the daemon is told of a camera that came back, whatever its size."""
        height, width = self._converter.size(taken.picture)
        ring = self._ring
        is_same = ring is not None and (ring.layout.height, ring.layout.width) == (height, width)
        if is_same and self._is_announced:
            return
        if ring is not None:
            ring.close()
            self._board.count(size_changes=int(not is_same))
        opened = self._opened
        rate_hz, codec = (opened.rate_hz, opened.codec) if opened else (None, "")
        self._ring = None
        self._ring = self._link.ring_for(
            PictureSize(RingLayout(height, width, self._orders.slots), rate_hz, codec), self._board
        )
        self._is_announced = True
        self._mask = PrivacyMask(self._orders.camera.privacy_masks, height, width)

    def _is_of_interest(self, taken: Taken, time_s: float) -> bool:
        """Whether something moves. All that looks at pictures here sees the masked ones."""
        look = self._meter.due(time_s)
        if self._gate is None and not look:
            return True
        grey = self._converter.grey(taken.picture)
        if look:
            self._link.send(Looked(self._meter.measure(grey, time_s, self._mask), self._clock.skew_s))
        if self._gate is None:
            return True
        luma = reduced_luma(grey)
        if self._mask is not None:
            self._mask.apply_luma(luma)
        return self._gate.passes(luma, time_s)

    def _show(self, taken: Taken, time_s: float, arrived_s: float, changes: dict[str, int]) -> None:
        ring = self._ring
        assert ring is not None  # noqa: S101  _fit made it
        slot = self._slot(ring)
        if slot is None:
            return
        image = ring.image(slot)
        self._converter.write_bgr(taken.picture, image)
        if self._mask is not None:
            self._mask.apply(image)
        ring.publish(slot, FrameStamp(self._captured - 1, time_s, arrived_s, self._still_s), **changes)
        self._link.notify()

    def _slot(self, ring: FrameRing) -> int | None:
        """A live camera takes the place of its oldest frame; a recording waits for room. None when it is to end."""
        overwrite = self._orders.camera.playback != "fast"
        while (slot := ring.begin(overwrite=overwrite)) is None:
            if self._stopping():
                return None
            self._board.progress(time.monotonic_ns())
            time.sleep(_FULL_POLL_S)
        return slot
