"""Which database is meant: a path or a URL, and how it is named in messages without its secrets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.util import immutabledict

from config.errors import ConfigError

if TYPE_CHECKING:
    from typing import TypeAlias

    Database: TypeAlias = str | os.PathLike[str] | URL

_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def database_url(database: Database) -> URL:
    """The URL of a database that is given by URL or by plain path.

    Raises:
        ConfigError: not a URL, not a database that Sitewatch knows, or SQLite in memory (nothing would be kept).
    """
    if isinstance(database, str) and "://" not in database:
        database = Path(database)
    if isinstance(database, os.PathLike):
        return URL.create("sqlite+pysqlite", database=os.fspath(database))
    try:
        url = make_url(database)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise ConfigError(
            "the database is not given by a path or a URL such as sqlite:///site.db "
            "or postgresql://user:password@host/name"
        ) from None
    if url.drivername not in _DRIVERS:
        raise ConfigError(
            f"databases of kind {url.drivername!r} are not supported: use sqlite:///PATH "
            "or postgresql://USER@HOST/NAME"
        )
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise ConfigError("a database in memory keeps nothing: give sqlite:///PATH")
    return url.set(drivername=_DRIVERS[url.drivername])


def describe(url: URL) -> str:
    """How messages name a database: the path, or user, host and name; never a password or an option."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url._replace(password=None, query=immutabledict()).render_as_string()
