"""When a database that takes nothing is asked again: pauses that grow, and differ from site to site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import tenacity

from config.errors import DatabaseLocked, DatabaseReadOnly, DatabaseUnreachable, DiskFull

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from config.sections.storage import StorageSettings

RETRIED = (DatabaseLocked, DatabaseUnreachable, DiskFull, DatabaseReadOnly)
"""What passes without a change of the program or of the rows; a server only reads while another takes over from it."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Each pause is drawn between the shortest and a bound that doubles from try to try.

    Attributes:
        first_s: the shortest pause, seconds.
        longest_s: the bound grows no further.

    Reference:
        Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015: "full jitter".
    """

    first_s: float
    longest_s: float

    @classmethod
    def of(cls, settings: StorageSettings) -> Self:
        """The daemon's: no try comes sooner than the next commit would."""
        return cls(min(settings.live_write_interval_s, settings.retry_longest_s), settings.retry_longest_s)

    def retrying(
        self, given_up: Event, before_sleep: Callable[[tenacity.RetryCallState], None]
    ) -> tenacity.Retrying:
        """Tries until it succeeds, fails for another reason than ``RETRIED``, or is given up, also amid a pause."""
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(RETRIED),
            stop=tenacity.stop_when_event_set(given_up),
            wait=tenacity.wait_random_exponential(
                multiplier=2 * self.first_s, min=self.first_s, max=self.longest_s
            ),
            sleep=tenacity.sleep_using_event(given_up),
            before_sleep=before_sleep,
            reraise=True,
        )
