"""A recording whose decoder hangs: what a dead disk looks like."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.capture.health import RecordingHealth
from pipeline.frames import Frame
from tests.footage import scene

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class HungFootage:
    """Gives a few frames, then nothing until it is released, and then one more."""

    path: Path = Path("hung.mp4")
    camera_id: str = "gate"
    recorded_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    nominal_rate_hz: Fraction = Fraction(10)
    frames_expected: int | None = None
    health: RecordingHealth = field(default_factory=RecordingHealth)
    released: threading.Event = field(default_factory=threading.Event)
    frames_before: int = 1
    readings: int = 0

    def frames(self) -> Iterator[Frame]:
        self.readings += 1
        for index in range(self.frames_before):
            yield self._frame(index)
        self.released.wait()
        yield self._frame(self.frames_before)

    def close(self) -> None:
        pass

    def _frame(self, index: int) -> Frame:
        time_s = index / 10
        captured_at = self.recorded_at + timedelta(seconds=time_s)
        return Frame(self.camera_id, index, captured_at, time_s, scene(index))
