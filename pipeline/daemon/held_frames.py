"""Rings of the daemon, and the frames that it holds in them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.daemon.live_camera import LiveCamera
    from pipeline.ring.frame_ring import FrameRef, FrameRing, FrameStamp

_numbers = count(1)


class DaemonRing:
    """A ring of a camera, until the last frame that was taken from it has been given back.

    Attributes:
        number: names it to the device worker; never used again.
        ring: the ring.
        held: frames on lease.
        retired: another ring has taken its place.
    """

    def __init__(self, ring: FrameRing) -> None:
        self.number = next(_numbers)
        self.ring = ring
        self.held = 0
        self.retired = False


@dataclass(frozen=True, slots=True, eq=False)
class HeldFrame:
    """A frame on its way through the stages; its pixels stay as they are until it is given back.

    Attributes:
        camera: that took it.
        ring: where it lies.
        ref: where in the ring.
        stamp: which frame it is, and of when.
    """

    camera: LiveCamera
    ring: DaemonRing
    ref: FrameRef
    stamp: FrameStamp

    @property
    def image(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 BGR, in shared memory."""
        return self.ring.ring.leased_image(self.ref)
