"""Whatever comes, each item is answered once and in order, and none waits for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from models.runtime.grouping import batches_of_alike, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

kinds = st.lists(st.integers(0, 5), max_size=80)
most = st.integers(1, 9)
ahead = st.integers(1, 40)


@given(kinds, most, ahead)
def test_every_item_is_in_one_batch_of_its_kind(items: list[int], most: int, ahead: int) -> None:
    batches = list(batches_of_alike(items, lambda item: item, most, ahead))
    assert sorted(number for batch in batches for number, _ in batch) == list(range(len(items)))
    for batch in batches:
        assert 1 <= len(batch) <= most
        assert len({item for _, item in batch}) == 1
        assert all(items[number] == item for number, item in batch)
        assert [number for number, _ in batch] == sorted(number for number, _ in batch)


@given(kinds, most, ahead)
def test_no_more_is_read_ahead_than_allowed(items: list[int], most: int, ahead: int) -> None:
    read = 0

    def counted() -> Iterator[int]:
        nonlocal read
        for item in items:
            read += 1
            yield item

    done = 0
    oldest = set(range(len(items)))
    for batch in batches_of_alike(counted(), lambda item: item, most, ahead):
        assert read - done <= ahead
        if len(batch) < most and read < len(items):
            assert batch[0][0] == min(oldest), "closed early, though another has waited longer"
        done += len(batch)
        oldest -= {number for number, _ in batch}


@given(kinds, most, ahead)
def test_answers_come_in_the_order_of_the_items(items: list[int], most: int, ahead: int) -> None:
    numbered = (
        (number, (number, item))
        for batch in batches_of_alike(items, lambda item: item, most, ahead)
        for number, item in batch
    )
    assert list(in_order(numbered)) == list(enumerate(items))


def test_one_kind_fills_batches() -> None:
    sizes = [len(batch) for batch in batches_of_alike(range(10), lambda _: 0, most=4, ahead=16)]
    assert sizes == [4, 4, 2]
