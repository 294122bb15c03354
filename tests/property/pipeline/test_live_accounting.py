"""Frames of a live camera add up whatever happens, in whatever order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline.accounting import DropReason
from pipeline.live_accounting import LiveAccounting
from pipeline.ring.board import ReaderCounts


class CameraLife(RuleBasedStateMachine):
    """A reader that publishes and a daemon that takes, as rules."""

    def __init__(self) -> None:
        super().__init__()
        self.accounting = LiveAccounting(ReaderCounts())
        self.captured = 0

    def reader_counts(self, **more: int) -> None:
        reader = self.accounting.reader
        self.accounting.look(
            replace(reader, **{name: getattr(reader, name) + number for name, number in more.items()})
        )

    @rule(fate=st.sampled_from(["published", "static", "rate_limited"]), number=st.integers(1, 5))
    def capture(self, fate: str, number: int) -> None:
        self.captured += number
        self.reader_counts(captured=number, **{fate: number})

    @precondition(lambda self: self.accounting.waiting > 0)
    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        self.accounting.frame_taken(
            self.accounting.taken + data.draw(st.integers(1, self.accounting.waiting))
        )

    @precondition(lambda self: self.accounting.in_hand > 0)
    @rule()
    def process(self) -> None:
        self.accounting.frame_processed()

    @precondition(lambda self: self.accounting.in_hand > 0)
    @rule(reason=st.sampled_from([DropReason.STALE, DropReason.WORKER_LOST]))
    def drop(self, reason: DropReason) -> None:
        self.accounting.frame_dropped(reason)

    @rule()
    def replace_ring(self) -> None:
        self.accounting.waiting_dropped(DropReason.RING_REPLACED)

    @invariant()
    def adds_up(self) -> None:
        counts = self.accounting.counts()
        assert counts.adds_up
        assert counts.captured == self.captured
        assert all(counts.dropped.values())


TestCameraLife = CameraLife.TestCase


def test_a_frame_is_taken_once() -> None:
    accounting = LiveAccounting(ReaderCounts())
    accounting.look(ReaderCounts(captured=3, published=3))
    accounting.frame_taken(2)
    with pytest.raises(ValueError, match="2 was taken last"):
        accounting.frame_taken(2)
    with pytest.raises(ValueError, match="3 is the newest"):
        accounting.frame_taken(4)


def test_nothing_lands_that_did_not_start() -> None:
    accounting = LiveAccounting(ReaderCounts())
    with pytest.raises(ValueError, match="no frame is in flight"):
        accounting.frame_processed()
    with pytest.raises(ValueError, match="no frame is in flight"):
        accounting.frame_dropped(DropReason.STALE)


def test_sums_are_those_of_one_look() -> None:
    accounting = LiveAccounting(ReaderCounts())
    accounting.published = 1
    accounting.frame_taken(1)
    with pytest.raises(ValueError, match="looked at"):
        accounting.counts()
    accounting.look(ReaderCounts(captured=1, published=1))
    assert accounting.counts().adds_up
