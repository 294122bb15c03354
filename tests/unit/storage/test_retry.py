"""Pauses between tries grow up to a bound, differ, and end when the writer gives up."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from config.errors import (
    DatabaseLocked,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DiskFull,
    RecordNotFound,
    StorageError,
)
from config.sections.storage import StorageSettings
from storage.retry import RetryPolicy


class Failing:
    """Fails so many times, and remembers when."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error = error
        self.left = times
        self.at: list[float] = []

    def __call__(self) -> str:
        self.at.append(time.monotonic())
        if self.left:
            self.left -= 1
            raise self.error
        return "done"


class Hurried(threading.Event):
    """Puts down how long it was to wait, and does not."""

    def __init__(self, pauses: list[float]) -> None:
        super().__init__()
        self.pauses = pauses

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        return False


@pytest.mark.parametrize("error", [DatabaseLocked, DatabaseUnreachable, DiskFull, DatabaseReadOnly])
def test_what_can_pass_is_tried_again(error: type[StorageError]) -> None:
    act = Failing(error("no"), 3)
    assert RetryPolicy(0.0, 0.001).retrying(threading.Event(), lambda _: None)(act) == "done"
    assert len(act.at) == 4


@pytest.mark.parametrize("error", [StorageError, RecordNotFound, ValueError])
def test_what_cannot_pass_is_not(error: type[Exception]) -> None:
    act = Failing(error("no"), 3)
    with pytest.raises(error):
        RetryPolicy(0.0, 0.001).retrying(threading.Event(), lambda _: None)(act)
    assert len(act.at) == 1


def test_pauses_stay_between_the_shortest_and_the_longest() -> None:
    pauses: list[float] = []
    given_up = Hurried(pauses)
    policy = RetryPolicy(first_s=0.05, longest_s=5.0)
    policy.retrying(given_up, lambda _: None)(Failing(DatabaseLocked("no"), 500))
    assert min(pauses) >= 0.05
    assert max(pauses[:1]) <= 0.1
    assert 2.5 < max(pauses) <= 5.0
    assert len(set(pauses)) > 400, "sites do not try at the same moments"


def test_giving_up_ends_a_pause_with_the_last_error() -> None:
    given_up = threading.Event()
    act = Failing(DatabaseLocked("no"), 100)
    threading.Timer(0.2, given_up.set).start()
    began = time.monotonic()
    with pytest.raises(DatabaseLocked):
        RetryPolicy(60.0, 60.0).retrying(given_up, lambda _: None)(act)
    assert time.monotonic() - began < 5
    assert all(first < second for first, second in pairwise(act.at))


def test_the_daemons_policy_follows_the_settings() -> None:
    settings = StorageSettings(live_write_interval_s=0.05, retry_longest_s=3.0)
    assert RetryPolicy.of(settings) == RetryPolicy(0.05, 3.0)
    settings = StorageSettings(live_write_interval_s=0.5, retry_longest_s=0.1)
    assert RetryPolicy.of(settings) == RetryPolicy(0.1, 0.1)
