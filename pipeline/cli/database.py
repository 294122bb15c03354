"""Which database a command works on, and times and areas as they are typed."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from config.errors import ConfigError, NaiveTimeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from config.provenance import LoadedSettings
    from storage.area import Area


class StoredInteger(click.types.IntParamType):
    """A number that a database can hold: the id of a run, the number of a track."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The integer that was typed, of at most 64 bits."""
        number = int(super().convert(value, param, ctx))
        if not -(2**63) <= number < 2**63:
            self.fail(f"{number} is too large.", param, ctx)
        return number


def database_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--database``, which :func:`chosen_database` reads."""
    option = click.option(
        "--database",
        metavar="URL|PATH",
        help="Path of an SQLite file, or a URL such as postgresql://user@host/name. [default: storage.url]",
    )
    return option(command)


def chosen_database(database: str | None, loaded: LoadedSettings) -> str:
    """The database of ``--database``, or else of the configuration.

    Raises:
        ConfigError: neither names one.
    """
    if database:
        return database
    url = loaded.settings.storage.url
    if url is None:
        raise ConfigError(
            "no database is named: give --database PATH, or set storage.url in the configuration"
        )
    return url.get_secret_value()


@contextmanager
def opened_for_reading(database: str | None, loaded: LoadedSettings) -> Iterator[Engine]:
    """The chosen database, of which nothing is changed, until the block ends.

    Raises:
        ConfigError: none is named.
        StorageError: it cannot be read.
    """
    from storage.engine import Access, open_database

    engine = open_database(chosen_database(database, loaded), loaded.settings.storage, Access.READ)
    try:
        yield engine
    finally:
        engine.dispose()


def parse_time(context: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    """The ISO 8601 time that was typed (a callback of click).

    Raises:
        NaiveTimeError: it has no zone.
    """
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        message = f"{value!r} is not an ISO 8601 time such as 2026-01-31T02:20:00Z"
        raise click.BadParameter(message, context, option) from None
    if time.utcoffset() is None:
        raise NaiveTimeError(f"{value} has no zone: write {value}Z for UTC, or add an offset such as +01:00")
    return time


def parse_area(context: click.Context, option: click.Parameter, value: str | None) -> Area | None:
    """The box or polygon that was typed (a callback of click).

    Raises:
        ConfigError: it is neither.
    """
    from storage.area import Area

    del context, option
    return None if value is None else Area.parse(value)
