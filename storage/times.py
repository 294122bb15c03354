"""Times in the database: microseconds since 1970-01-01 UTC, as a 64-bit integer (docs/adr/0005-storage.md)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeDecorator

from config.errors import NaiveTimeError

if TYPE_CHECKING:
    from sqlalchemy import Dialect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(time: datetime) -> int:
    """Microseconds since the epoch, exact.

    Raises:
        NaiveTimeError: the time has no zone.
    """
    return (require_zone(time) - _EPOCH) // _MICROSECOND


def require_zone(time: datetime) -> datetime:
    """The time itself, if it has a zone.

    Raises:
        NaiveTimeError: it has none.
    """
    if time.utcoffset() is None:
        raise NaiveTimeError(f"a time needs a zone, {time.isoformat()} has none: add +00:00 for UTC")
    return time


def from_micros(micros: int) -> datetime:
    """The aware UTC time of so many microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=micros)


class UtcTime(TypeDecorator[datetime]):
    """A column of UTC times: aware in Python, an integer in the database; naive times are refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """From Python to the database."""
        del dialect
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From the database to Python."""
        del dialect
        return None if value is None else from_micros(value)
