"""The ring under any order of the reader's and the daemon's steps, with readers that die between any two."""

from __future__ import annotations

import contextlib
from array import array
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline.live_accounting import LiveAccounting
from pipeline.ring.board import ReaderBoard
from pipeline.ring.frame_ring import (
    FrameRef,
    FrameRing,
    FrameStamp,
    GenerationPassed,
    RingLayout,
    SlotState,
)
from pipeline.ring.segment import SharedSegment

if TYPE_CHECKING:
    from collections.abc import Callable

_SLOTS = 4
_LAYOUT = RingLayout(height=2, width=3, slots=_SLOTS)


class RingLife(RuleBasedStateMachine):
    """What the ring should hold, kept beside it as plain lists."""

    def __init__(self) -> None:
        super().__init__()
        self.board = ReaderBoard.create()
        self.ring = FrameRing.create(_LAYOUT, self.board, "gate")
        self.accounting = LiveAccounting(self.board.counts())
        self.waiting: list[int] = []
        self.leased: dict[FrameRef, int] = {}
        self.writing: int | None = None
        self.published = 0

    def teardown(self) -> None:
        self.ring.close()
        self.board.close()

    @precondition(lambda self: self.writing is None)
    @rule(overwrite=st.booleans())
    def begin(self, overwrite: bool) -> None:
        slot = self.ring.begin(overwrite=overwrite)
        free = _SLOTS - len(self.waiting) - len(self.leased)
        if not free and not (overwrite and self.waiting):
            assert slot is None
            return
        assert slot is not None
        if not free:
            self.waiting.pop(0)  # newest wins
        self.writing = slot
        self.ring.image(slot)[:] = (self.published + 1) % 256

    @precondition(lambda self: self.writing is not None)
    @rule()
    def publish(self) -> None:
        assert self.writing is not None
        self.published += 1
        stamp = FrameStamp(self.published, self.published * 0.04, self.published * 0.05)
        self.ring.publish(self.writing, stamp, captured=1)
        self.waiting.append(self.published)
        self.writing = None

    @rule()
    def lease(self) -> None:
        leased = self.ring.lease(1.0)
        self.accounting.look(self.board.counts())
        if leased is None:
            assert not self.waiting
            return
        ref, stamp = leased
        assert ref.generation == self.waiting.pop(0)
        assert stamp == FrameStamp(ref.generation, ref.generation * 0.04, ref.generation * 0.05)
        self.leased[ref] = ref.generation % 256
        self.accounting.frame_taken(ref.generation)

    @precondition(lambda self: self.leased)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(sorted(self.leased, key=lambda each: each.generation)))
        self.ring.release(ref)
        del self.leased[ref]
        self.accounting.frame_processed()
        with pytest.raises(GenerationPassed):
            self.ring.release(ref)

    @rule()
    def reader_dies(self) -> None:
        self.ring.reclaim(1.0)
        self.writing = None

    @invariant()
    def leased_pixels_stay(self) -> None:
        for ref, value in self.leased.items():
            assert (self.ring.leased_image(ref) == value).all()

    @invariant()
    def frames_add_up(self) -> None:
        self.accounting.look(self.board.counts())
        counts = self.accounting.counts()
        assert counts.adds_up
        assert counts.captured == self.published
        assert counts.in_flight - len(self.leased) >= len(self.waiting)


TestRingLife = RingLife.TestCase
TestRingLife.settings = settings(max_examples=150, stateful_step_count=40)


def test_a_reader_that_died_before_it_counted_published_nothing() -> None:
    """The store of the count is the last one: all before it may have happened."""
    with contextlib.closing(ReaderBoard.create()) as board:
        ring = FrameRing.create(_LAYOUT, board, "gate")
        slot = ring.begin()
        assert slot is not None
        ring._generation[slot] = 1
        ring._state[slot] = SlotState.READY
        assert ring.lease(1.0) is None
        ring.reclaim(1.0)
        assert set(ring._state) == {SlotState.FREE}
        ring.close()


def test_two_mappings_see_one_ring() -> None:
    import os

    with contextlib.closing(ReaderBoard.create()) as board:
        ours = FrameRing.create(_LAYOUT, board, "gate")
        theirs = FrameRing(SharedSegment(os.dup(ours.segment.fd)), _LAYOUT, board)
        slot = theirs.begin()
        assert slot is not None
        theirs.image(slot)[:] = 77
        theirs.publish(slot, FrameStamp(0, 0.0, 0.0), captured=1)
        leased = ours.lease(1.0)
        assert leased is not None
        assert np.array_equal(ours.leased_image(leased[0]), np.full((2, 3, 3), 77, np.uint8))
        theirs.close()
        ours.close()


class _Overtaken:
    """Words of a board that change while a slice of them is read."""

    def __init__(self, words: memoryview[int], meanwhile: Callable[[], None]) -> None:
        self._words = words
        self._meanwhile: Callable[[], None] | None = meanwhile

    def __getitem__(self, at: int | slice) -> int | memoryview[int]:
        if isinstance(at, int) or self._meanwhile is None:
            return self._words[at]
        first = self._words[at].tolist()[:1]
        meanwhile, self._meanwhile = self._meanwhile, None
        meanwhile()
        return memoryview(array("q", first + self._words[at].tolist()[1:]))


def test_counts_are_never_half_old_and_half_new() -> None:
    """The reader goes on for two frames while the daemon, kept from working, has read the first of the counts."""
    with contextlib.closing(ReaderBoard.create()) as board:
        words = board._words

        def two_frames() -> None:
            board._words = words
            board.count(captured=1, static=1)
            board.count(captured=1, static=1)

        board.count(captured=1, static=1)
        board._words = _Overtaken(words, two_frames)  # type: ignore[assignment]
        counts = board.counts()
        assert counts.captured == counts.static == 3
