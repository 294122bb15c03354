"""Frames add up, at any moment, whatever happens in whatever order."""

from __future__ import annotations

import threading

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline.accounting import DropReason, FrameAccounting, FrameCounts

REASONS = st.sampled_from(DropReason)


class Accounting(RuleBasedStateMachine):
    """Frames are captured, processed and dropped in any order that a camera can bring about."""

    def __init__(self) -> None:
        super().__init__()
        self.accounting = FrameAccounting()
        self.waiting = 0
        self.dropped = 0
        self.closed = False

    @rule()
    def capture(self) -> None:
        self.accounting.frame_captured()
        self.waiting += not self.closed

    @precondition(lambda self: self.waiting > 0)
    @rule()
    def process(self) -> None:
        self.accounting.frame_processed()
        self.waiting -= 1

    @precondition(lambda self: self.waiting > 0)
    @rule(reason=REASONS)
    def drop(self, reason: DropReason) -> None:
        self.accounting.frame_dropped(reason)
        self.waiting -= 1
        self.dropped += 1

    @rule(reason=REASONS)
    def close(self, reason: DropReason) -> None:
        self.accounting.close(reason)
        self.closed = True
        self.dropped += self.waiting
        self.waiting = 0

    @precondition(lambda self: self.waiting == 0)
    @rule()
    def nothing_lands_twice(self) -> None:
        with pytest.raises(ValueError, match="no frame is in flight"):
            self.accounting.frame_processed()
        with pytest.raises(ValueError, match="no frame is in flight"):
            self.accounting.frame_dropped(DropReason.STALE)

    @invariant()
    def adds_up(self) -> None:
        counts = self.accounting.counts()
        assert counts.adds_up
        assert counts.in_flight == self.waiting
        assert sum(counts.dropped.values()) == self.dropped


TestAccounting = Accounting.TestCase


def test_threads_do_not_lose_a_frame() -> None:
    accounting = FrameAccounting()
    seen: list[FrameCounts] = []

    def capture() -> None:
        for _ in range(2000):
            accounting.frame_captured()

    capturing = threading.Thread(target=capture)
    capturing.start()
    processed = 0
    while processed < 2000:
        counts = accounting.counts()
        seen.append(counts)
        if counts.in_flight:
            accounting.frame_processed()
            processed += 1
    capturing.join()
    assert all(counts.adds_up for counts in seen)
    assert accounting.counts() == FrameCounts(captured=2000, processed=2000)


def test_a_sum_that_is_wrong_shows() -> None:
    assert not FrameCounts(captured=3, processed=1, in_flight=1).adds_up
    assert not FrameCounts(captured=0, processed=1, in_flight=-1).adds_up
