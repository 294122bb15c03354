"""How a replay ended: whole, or short of something, and what was in its way."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.errors import Interrupted, SitewatchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.replay.camera import ReplayedCamera


@dataclass(slots=True)
class Ending:
    """Failures that a replay went on after, to keep what it could.

    Attributes:
        failures: in the order in which they came, each once.
    """

    failures: list[SitewatchError] = field(default_factory=list)

    def note(self, failure: SitewatchError) -> None:
        """Something failed; what can be saved is still to be saved."""
        if str(failure) not in map(str, self.failures):
            self.failures.append(failure)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """A step of which the others do not depend: its failure ends it alone."""
        try:
            yield
        except SitewatchError as failure:
            self.note(failure)

    def reasons(self, cameras: Iterable[ReplayedCamera]) -> list[str]:
        """Why the run is incomplete; empty if it is complete."""
        told = [str(failure) for failure in self.failures]
        for camera in cameras:
            told += camera.incomplete
        return list(dict.fromkeys(told))

    @property
    def interrupted(self) -> bool:
        """Whether an interruption was heeded: a request to stop that is older than it asks for nothing more."""
        return any(isinstance(failure, Interrupted) for failure in self.failures)

    @property
    def exit_status(self) -> int:
        """What the command ends with: the status of the first failure, or 0."""
        return self.failures[0].exit_status if self.failures else 0

    def error(self) -> SitewatchError | None:
        """The first failure, with a line for each if there are several; None if there was none."""
        if len(self.failures) < 2:
            return self.failures[0] if self.failures else None
        first = self.failures[0]
        lines = "".join(f"\n  {failure}" for failure in self.failures)
        return type(first)(f"{len(self.failures)} things failed:{lines}")
