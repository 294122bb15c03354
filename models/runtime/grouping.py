"""Items gathered into batches of one kind, and their answers put back into order."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def batches_of_alike(
    items: Iterable[Item], kind: Callable[[Item], Hashable], most: int, ahead: int
) -> Iterator[list[tuple[int, Item]]]:
    """Batches of items of one kind, each item with its number.

    Args:
        items: read one by one, no further ahead than is needed.
        kind: what the items of a batch have in common.
        most: items in a batch.
        ahead: when so many items wait, the batch of the one that has waited longest is closed.
    """
    growing: dict[
        Hashable, list[tuple[int, Item]]
    ] = {}  # a batch is closed as a whole: by age of the oldest item
    waiting = 0
    for number, item in enumerate(items):
        batch = growing.setdefault(kind(item), [])
        batch.append((number, item))
        waiting += 1
        closed = kind(item) if len(batch) == most else next(iter(growing)) if waiting >= ahead else None
        if closed is not None:
            complete = growing.pop(closed)
            waiting -= len(complete)
            yield complete
    yield from growing.values()


def in_order(answers: Iterable[tuple[int, Answer]]) -> Iterator[Answer]:
    """Answers by rising number, each as soon as those before it are there.

    Args:
        answers: numbered from 0 without a gap, in any order.
    """
    early: dict[int, Answer] = {}
    due = 0
    for number, answer in answers:
        early[number] = answer
        while due in early:
            yield early.pop(due)
            due += 1
