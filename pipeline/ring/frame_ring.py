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
from typing import TYPE_CHECKING

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
        return -(-_WORDS * _WORD_BYTES * self.slots // _PAGE) * _PAGE

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


_STATE, _GENERATION, _INDEX, _TIME_S, _ARRIVED_S, _STILL_S = range(6)
"""The words of a slot before the pictures: the first three are int64, the others float64."""
_WORDS = 6
_WORD_BYTES = 8


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
        # Views of plain words: to read or write one takes NumPy's records several times as long.
        head = memoryview(segment.memory)[: _WORDS * _WORD_BYTES * layout.slots]
        self._integers, self._reals = head.cast("q"), head.cast("d")
        self._state, self._generation = self._integers[_STATE::_WORDS], self._integers[_GENERATION::_WORDS]
        self._views = (self._state, self._generation, self._integers, self._reals, head)

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
        for view in self._views:
            view.release()
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
            states = self._state.tolist()
            slot = states.index(SlotState.FREE) if SlotState.FREE in states else None
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
            row, integers, reals = slot * _WORDS, self._integers, self._reals
            integers[row + _GENERATION] = self._board.published + 1
            integers[row + _INDEX], reals[row + _TIME_S] = stamp.index, stamp.time_s
            reals[row + _ARRIVED_S], reals[row + _STILL_S] = stamp.arrived_s, stamp.still_s
            integers[row + _STATE] = SlotState.READY
            # A reader killed before this line has published nothing: its frame is not in the count.
            self._board.count(published=1, **counts)

    # The daemon's side; all of it raises LockUnavailable where the reader was stopped while it held the lock.

    def lease(self, timeout_s: float) -> tuple[FrameRef, FrameStamp] | None:
        """The oldest frame that waits, which stays as it is until it is released; None if none waits."""
        with self._board.segment.locked(timeout_s):
            slot = self._oldest_ready()
            if slot is None:
                return None
            self._state[slot] = SlotState.LEASED
            row, reals = slot * _WORDS, self._reals
            stamp = FrameStamp(
                self._integers[row + _INDEX],
                reals[row + _TIME_S],
                reals[row + _ARRIVED_S],
                reals[row + _STILL_S],
            )
            return FrameRef(slot, self._generation[slot]), stamp

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
            published = self._board.published
            for slot, state in enumerate(self._state.tolist()):
                uncounted = state == SlotState.READY and self._generation[slot] > published
                if state == SlotState.WRITING or uncounted:
                    self._state[slot] = SlotState.FREE

    def _oldest_ready(self) -> int | None:
        """None if no frame waits; a reader that died before it counted a frame had made its slot ready for nobody."""
        published = self._board.published
        ready = [
            (generation, slot)
            for slot, (state, generation) in enumerate(
                zip(self._state.tolist(), self._generation.tolist(), strict=True)
            )
            if state == SlotState.READY and generation <= published
        ]
        return min(ready)[1] if ready else None

    def _require(self, ref: FrameRef) -> None:
        state, generation = self._state[ref.slot], self._generation[ref.slot]
        if state != SlotState.LEASED or generation != ref.generation:
            raise GenerationPassed(
                f"slot {ref.slot} holds frame {generation} ({SlotState(state).name}), "
                f"not frame {ref.generation} on lease"
            )
