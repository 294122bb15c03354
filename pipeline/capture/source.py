"""What replay asks of footage, whatever holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from fractions import Fraction
    from pathlib import Path

    from pipeline.capture.health import RecordingHealth
    from pipeline.frames import Frame


class FootageSource(Protocol):
    """A finished recording: gives the same frames each time it is asked.

    Attributes:
        path: the file or folder.
        camera_id: name of the camera that its frames carry.
        recorded_at: UTC time of the first frame.
        nominal_rate_hz: frames a second that it states; the frames themselves may come at any distance.
        frames_expected: how many frames it states to have; None if it does not say.
    """

    @property
    def path(self) -> Path: ...
    @property
    def camera_id(self) -> str: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def nominal_rate_hz(self) -> Fraction: ...
    @property
    def frames_expected(self) -> int | None: ...

    @property
    def health(self) -> RecordingHealth:
        """What the latest reading met, so far."""
        ...

    def frames(self) -> Iterator[Frame]:
        """All frames from the first, in the order in which they were shown.

        Raises:
            NoFrames: there is not a single frame.
        """
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
