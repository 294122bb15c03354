"""The queue gives batches out when they are due, and lets no more in than its bound."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from storage.records import ObservationBatch
from storage.write_queue import WriteQueue
from tests.observations import batch, revision

if TYPE_CHECKING:
    from collections.abc import Callable

_LONG_S = 60.0


def _in_thread(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def test_full_batch_is_taken_at_once() -> None:
    queue = WriteQueue(limit_rows=100, batch_rows=4, interval_s=_LONG_S)
    for frame in range(3):
        queue.put(batch(frame, [1, 2]))
    assert [one.frame_index for one in queue.take() if isinstance(one, ObservationBatch)] == [0, 1]


def test_lone_batch_is_taken_after_the_interval() -> None:
    queue = WriteQueue(limit_rows=100, batch_rows=50, interval_s=0.1)
    queue.put(batch(0, [1]))
    began = time.monotonic()
    assert len(queue.take()) == 1
    assert time.monotonic() - began >= 0.05


def test_put_waits_until_rows_are_committed_not_only_taken() -> None:
    queue = WriteQueue(limit_rows=2, batch_rows=2, interval_s=_LONG_S)
    queue.put(batch(0, [1, 2]))
    waiting = _in_thread(lambda: queue.put(batch(1, [1])))
    queue.take()
    waiting.join(0.1)
    assert waiting.is_alive()
    queue.committed(2)
    waiting.join(10)
    assert not waiting.is_alive()


def test_positions_of_a_revision_count_as_rows() -> None:
    queue = WriteQueue(limit_rows=4, batch_rows=4, interval_s=_LONG_S)
    queue.put(batch(0, [1]))
    queue.put(revision(1, [0, 1, 2]))
    waiting = _in_thread(lambda: queue.put(revision(1, [3])))
    assert [len(one) for one in queue.take()] == [1, 3]
    waiting.join(0.1)
    assert waiting.is_alive()
    queue.committed(4)
    waiting.join(10)
    assert not waiting.is_alive()


def test_waiting_caller_makes_a_part_of_a_batch_due() -> None:
    queue = WriteQueue(limit_rows=3, batch_rows=3, interval_s=_LONG_S)
    queue.put(batch(0, [1, 2]))
    waiting = _in_thread(lambda: queue.put(batch(1, [1, 2])))
    assert len(queue.take()) == 1
    queue.committed(2)
    waiting.join(10)
    assert not waiting.is_alive()


def test_batch_larger_than_the_bound_is_let_in_alone() -> None:
    queue = WriteQueue(limit_rows=2, batch_rows=2, interval_s=_LONG_S)
    assert queue.put(batch(0, [1, 2, 3, 4]))
    assert len(queue.take()[0]) == 4


def test_closed_queue_gives_out_the_rest_and_takes_nothing() -> None:
    queue = WriteQueue(limit_rows=9, batch_rows=9, interval_s=_LONG_S)
    queue.put(batch(0, [1]))
    queue.close()
    assert not queue.put(batch(1, [1]))
    assert len(queue.take()) == 1
    assert queue.take() == []


def test_closing_wakes_all_who_wait() -> None:
    queue = WriteQueue(limit_rows=1, batch_rows=1, interval_s=_LONG_S)
    queue.put(batch(0, [1]))
    threads = [_in_thread(lambda: queue.put(batch(1, [1]))), _in_thread(queue.wait_until_committed)]
    queue.close(discard=True)
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_who_does_not_want_to_wait_is_told_at_once() -> None:
    queue = WriteQueue(limit_rows=3, batch_rows=3, interval_s=_LONG_S)
    assert queue.put(batch(0, [1, 2]), wait=False)
    assert (queue.has_room(1), queue.has_room(2)) == (True, False)
    assert not queue.put(batch(1, [1, 2]), wait=False)
    assert queue.uncommitted == 2, "what was not let in does not count"
    queue.put(batch(1, [1]))
    queue.take()
    assert not queue.put(batch(2, [1]), wait=False), "taken is not committed"
    queue.committed(3)
    assert queue.put(batch(2, [1, 2, 3, 4]), wait=False), "larger than the bound, but alone"
    queue.close()
    assert queue.is_closed
    assert not queue.put(batch(3, []), wait=False)
