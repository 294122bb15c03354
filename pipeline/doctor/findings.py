"""What a check of the site found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.errors import SitewatchError


class Outcome(Enum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"
    """The daemon would run, but not as well as it could, or it cannot be told from here."""
    FAILURE = "failure"
    """The daemon, or a camera of it, would not run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        subject: what was looked at, such as ``camera dock``.
        outcome: how it stands.
        found: in one sentence.
        remedy: what to do; empty where nothing is to be done, or where ``found`` says it.
    """

    subject: str
    outcome: Outcome
    found: str
    remedy: str = ""


def ok(subject: str, found: str) -> Finding:
    """All is well."""
    return Finding(subject, Outcome.OK, found)


def warning(subject: str, found: str, remedy: str) -> Finding:
    """It could be better."""
    return Finding(subject, Outcome.WARNING, found, remedy)


def failure(subject: str, found: str, remedy: str = "") -> Finding:
    """It will not do."""
    return Finding(subject, Outcome.FAILURE, found, remedy)


def refused(subject: str, error: SitewatchError) -> Finding:
    """What the daemon would refuse with: such a message says itself what to do."""
    return failure(subject, str(error))
