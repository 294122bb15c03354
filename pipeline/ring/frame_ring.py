"""The ring of frames of one camera: fixed slots, leases with generations, newest wins.

::

    reader:  FREE or oldest READY → WRITING → READY          (publish)
    daemon:  oldest READY → LEASED → FREE                    (lease, release)

Only the daemon leases, on behalf of its device workers, so a lease cannot be lost with a worker; a slot that a killed reader
was writing is taken back with :meth:`FrameRing.reclaim`. The board's lock guards the states, never the pixels: they are
written while the slot belongs to the reader alone, and read while it is leased.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.ring.segment import SharedSegment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.ring.board import ReaderBoard

_PAGE = 4096


class SlotState(IntEnum):
    """Whose a slot is."""

    FREE = 0
    WRITING = 1
    READY = 2
    LEASED = 3


@dataclass(frozen=True, slots=True)
class RingLayout:
    """Size of a ring.

    Attributes:
        height, width: of its pictures, pixels.
        slots: how many there are.
    """

    height: int
    width: int
    slots: int

    @property
    def slot_bytes(self) -> int:
        """Bytes of one picture, in whole pages."""
        return -(-self.height * self.width * 3 // _PAGE) * _PAGE

    @property
    def header_bytes(self) -> int:
        """Bytes before the first picture."""
        return -(-_SLOT.itemsize * self.slots // _PAGE) * _PAGE

    @property
    def size(self) -> int:
        """Bytes of the whole ring."""
        return self.header_bytes + self.slots * self.slot_bytes


@dataclass(frozen=True, slots=True)
class FrameRef:
    """Names a frame in a ring without holding its pixels: what travels between processes.

    Attributes:
        slot: 0-based.
        generation: number of the frame among all that were published; a slot that was used again has another.
    """

    slot: int
    generation: int


@dataclass(frozen=True, slots=True)
class FrameStamp:
    """When a frame was taken, and which one it is.

    Attributes:
        index: 0-based number among the frames that the camera gave.
        time_s: media time on the machine's monotonic clock.
        arrived_s: monotonic time at which it was decoded.
        still_s: seconds in which nothing moved, from the start of the reader up to this frame.
    """

    index: int
    time_s: float
    arrived_s: float
    still_s: float = 0.0


_SLOT = np.dtype(
    [
        ("state", np.int64),
        ("generation", np.int64),
        ("index", np.int64),
        ("time_s", np.float64),
        ("arrived_s", np.float64),
        ("still_s", np.float64),
    ]
)


class GenerationPassed(LookupError):
    """The slot holds another frame by now: the lease was given back or never given."""


class RingPictures:
    """The pixels of a ring, without a word about who may look at them when.

    Args:
        segment: the memory.
        layout: how it is divided.
    """

    def __init__(self, segment: SharedSegment, layout: RingLayout) -> None:
        if segment.size < layout.size:
            raise ValueError(f"a ring of {layout} needs {layout.size} bytes, the segment has {segment.size}")
        self.segment = segment
        self.layout = layout

    def image(self, slot: int) -> NDArray[np.uint8]:
        """The (H, W, 3) uint8 BGR picture of a slot, as it lies in shared memory: no copy."""
        layout = self.layout
        offset = layout.header_bytes + slot * layout.slot_bytes
        pixels = np.frombuffer(self.segment.memory, np.uint8, layout.height * layout.width * 3, offset)
        return pixels.reshape(layout.height, layout.width, 3)

    def close(self) -> None:
        """Let go of the memory."""
        self.segment.close()


class FrameRing(RingPictures):
    """One camera's slots. Either side has its own object on the same memory.

    Args:
        segment: the memory.
        layout: how it is divided.
        board: of the same camera; its lock guards the states of the slots.
    """

    def __init__(self, segment: SharedSegment, layout: RingLayout, board: ReaderBoard) -> None:
        super().__init__(segment, layout)
        self._board = board
        self._slots: NDArray[Any] = np.frombuffer(segment.memory, _SLOT, layout.slots)
        self._state: NDArray[np.int64] = self._slots["state"]
        self._generation: NDArray[np.int64] = self._slots["generation"]

    @classmethod
    def create(cls, layout: RingLayout, board: ReaderBoard, camera_id: str) -> FrameRing:
        """A ring whose slots are all free.

        Raises:
            SharedMemoryFull: there is no room for it.
        """
        what = f"camera {camera_id} ({layout.slots} frames of {layout.width}x{layout.height})"
        return cls(SharedSegment.create(layout.size, what), layout, board)

    def close(self) -> None:
        """Let go of the memory."""
        del self._slots, self._state, self._generation
        super().close()

    # The reader's side.

    def begin(self, *, overwrite: bool = True) -> int | None:
        """A slot to write the next frame into.

        Args:
            overwrite: where none is free, the oldest frame that waits gives way; False for recordings, of which no
                frame is dropped.

        Returns:
            None where no slot can be had: all are leased or, without ``overwrite``, waiting.
        """
        with self._board.segment.locked():
            slot = _first(self._state == SlotState.FREE)
            if slot is None and overwrite:
                slot = self._oldest_ready()
            if slot is not None:
                self._state[slot] = SlotState.WRITING
            return slot

    def publish(self, slot: int, stamp: FrameStamp, **counts: int) -> None:
        """The picture in ``slot`` is whole: the daemon may lease it.

        Args:
            slot: as :meth:`begin` gave it.
            stamp: which frame it is.
            counts: further counts of the board that rise with it.
        """
        with self._board.segment.locked():
            row = self._slots[slot]
            row["generation"] = self._board.published + 1
            row["index"], row["time_s"] = stamp.index, stamp.time_s
            row["arrived_s"], row["still_s"] = stamp.arrived_s, stamp.still_s
            row["state"] = SlotState.READY
            # A reader killed before this line has published nothing: its frame is not in the count.
            self._board.count(published=1, **counts)

    # The daemon's side; all of it raises LockUnavailable where the reader was stopped while it held the lock.

    def lease(self, timeout_s: float) -> tuple[FrameRef, FrameStamp] | None:
        """The oldest frame that waits, which stays as it is until it is released; None if none waits."""
        with self._board.segment.locked(timeout_s):
            slot = self._oldest_ready()
            if slot is None:
                return None
            row = self._slots[slot]
            row["state"] = SlotState.LEASED
            stamp = FrameStamp(
                int(row["index"]), float(row["time_s"]), float(row["arrived_s"]), float(row["still_s"])
            )
            return FrameRef(slot, int(row["generation"])), stamp

    def release(self, ref: FrameRef) -> None:
        """The frame is no longer needed. Only the daemon frees leased slots, so this needs no lock.

        Raises:
            GenerationPassed: it is not leased.
        """
        self._require(ref)
        self._state[ref.slot] = SlotState.FREE

    def leased_image(self, ref: FrameRef) -> NDArray[np.uint8]:
        """The picture of a leased frame, (H, W, 3) uint8 BGR, in shared memory.

        Raises:
            GenerationPassed: the lease is over.
        """
        self._require(ref)
        return self.image(ref.slot)

    def reclaim(self, timeout_s: float) -> None:
        """The reader is dead: a slot that it was writing is free again. Frames that wait still can be leased."""
        with self._board.segment.locked(timeout_s):
            unfinished = (self._state == SlotState.WRITING) | self._uncounted()
            self._state[unfinished] = SlotState.FREE

    def _oldest_ready(self) -> int | None:
        ready = (self._state == SlotState.READY) & ~self._uncounted()
        if not ready.any():
            return None
        return int(np.where(ready, self._generation, np.iinfo(np.int64).max).argmin())

    def _uncounted(self) -> NDArray[np.bool_]:
        """Slots that were made ready by a reader that died before it counted them."""
        ready = self._state == SlotState.READY
        uncounted: NDArray[np.bool_] = ready & (self._generation > self._board.published)
        return uncounted

    def _require(self, ref: FrameRef) -> None:
        row = self._slots[ref.slot]
        if row["state"] != SlotState.LEASED or row["generation"] != ref.generation:
            raise GenerationPassed(
                f"slot {ref.slot} holds frame {int(row['generation'])} ({SlotState(int(row['state'])).name}), "
                f"not frame {ref.generation} on lease"
            )


def _first(mask: NDArray[np.bool_]) -> int | None:
    return int(mask.argmax()) if mask.any() else None
