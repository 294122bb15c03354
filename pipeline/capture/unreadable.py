"""A recording that cannot be read, in the place that it would have had among others."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, NoReturn

from pipeline.capture.health import RecordingHealth
from pipeline.clock import EPOCH

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from config.errors import InputError


@dataclass(frozen=True, slots=True)
class UnreadableRecording:
    """Gives no frame, only the reason: a :class:`pipeline.capture.source.FootageSource`."""

    path: Path
    camera_id: str
    failure: InputError
    recorded_at: datetime = EPOCH
    nominal_rate_hz: Fraction = Fraction(25)
    frames_expected: int | None = None
    health: RecordingHealth = field(default_factory=RecordingHealth)

    def frames(self) -> NoReturn:
        """Say why there are none.

        Raises:
            InputError: why it could not be opened.
        """
        raise self.failure

    def close(self) -> None:
        """Nothing is held open."""
