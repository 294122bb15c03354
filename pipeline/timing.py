"""Time spent in each stage: run metadata, never part of a result."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class StageTimings:
    """Adds up wall time by stage. Stages that run side by side add up to more than the wall clock.

    Each stage must be timed by one thread at a time.
    """

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._items: dict[str, int] = {}

    @contextmanager
    def of(self, stage: str, items: int = 1) -> Iterator[None]:
        """Time the block as work of ``stage`` on so many frames."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, time.perf_counter() - started, items)

    def add(self, stage: str, seconds: float, items: int = 1) -> None:
        """Count seconds that were measured elsewhere."""
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds
        self._items[stage] = self._items.get(stage, 0) + items

    @property
    def seconds(self) -> Mapping[str, float]:
        """Stage → seconds, in the order in which stages first ran."""
        return dict(self._seconds)

    @property
    def items(self) -> Mapping[str, int]:
        """Stage → frames that went through it."""
        return dict(self._items)
