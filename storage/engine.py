"""Opening a database: the one place that knows how SQLite and PostgreSQL want to be connected to."""

from __future__ import annotations

import os
from enum import Enum, auto
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL

from config.errors import ConfigError, DatabaseReadOnly, DatabaseUnreachable
from config.sections.storage import StorageSettings
from storage.failures import translate_errors
from storage.upgrade import MIGRATIONS, SchemaState, refuse_unusable, require_current, schema_version, upgrade
from storage.url import database_url, describe

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from storage.upgrade import SchemaVersion
    from storage.url import Database

_BEGIN = "sitewatch_begin"  # execution option: the statement that begins a transaction of SQLite
_CHECKPOINT_PAGES = (
    4000  # 16 MB of log between two checkpoints, and so fewer waits for the disk: 1.1 x the rows/s
)
_SILENCE_S = 10
"""A PostgreSQL server, or its client, that acknowledges nothing for so long is taken for lost. By the defaults of Linux it
would be found out after two hours, and the locks of the session that is left be held so long."""
_KEEPALIVES = {
    "keepalives_idle": _SILENCE_S // 2,
    "keepalives_interval": 1,
    "keepalives_count": _SILENCE_S // 2,
}
_USER_TIMEOUT = {"tcp_user_timeout": _SILENCE_S * 1000}


class Access(Enum):
    """What a database is opened for."""

    READ = auto()
    """It must exist, and be of this Sitewatch's schema."""
    WRITE = auto()
    """As ``READ``, and it can be written."""
    CREATE = auto()
    """As ``WRITE``; a file that is missing or empty, or a database without tables, gets the schema.

    An older schema is not upgraded: that is the operator's decision, after a backup."""


def open_database(
    database: Database,
    settings: StorageSettings | None = None,
    access: Access = Access.CREATE,
    migrations: Path = MIGRATIONS,
) -> Engine:
    """Connect to a database of this Sitewatch's schema.

    Args:
        database: path of an SQLite file, or URL.
        settings: ``lock_timeout_s`` is used.
        access: what for.
        migrations: Alembic's scripts; tests give others.

    Raises:
        ConfigError: a kind of database that Sitewatch does not know.
        DatabaseUnreachable: no such file, folder, server or credentials.
        DatabaseOutdated: the schema is older: ``sitewatch db upgrade``.
        DatabaseTooNew: the schema is from a newer Sitewatch.
        NotADatabase: another kind of file, a damaged one, or another program's.
        DatabaseLocked: another process is creating it, for longer than ``lock_timeout_s``.
        DatabaseReadOnly: it cannot be written, and ``access`` asks for it.
    """
    url = database_url(database)
    engine = _connect(url, settings or StorageSettings(), access)
    try:
        with reading(engine).connect() as connection:
            version = schema_version(connection, migrations)
        if access is Access.CREATE and version.state is SchemaState.EMPTY:
            _create(engine, url, migrations)
        else:
            require_current(version, describe(url))
    except BaseException:
        engine.dispose()
        raise
    return engine


def upgrade_database(
    database: Database, settings: StorageSettings | None = None, migrations: Path = MIGRATIONS
) -> SchemaVersion:
    """Bring a database to this Sitewatch's schema, or create it; returns what it was before.

    Raises:
        StorageError: as :func:`open_database`.
    """
    url = database_url(database)
    engine = _connect(url, settings or StorageSettings(), Access.CREATE)
    try:
        with reading(engine).connect() as connection:  # before anything is changed, as the journal's mode is
            refuse_unusable(schema_version(connection, migrations), describe(url))
        return _create(engine, url, migrations)
    finally:
        engine.dispose()


def database_version(
    database: Database, settings: StorageSettings | None = None, migrations: Path = MIGRATIONS
) -> SchemaVersion:
    """Which schema a database has.

    Raises:
        StorageError: it cannot be opened.
    """
    engine = _connect(database_url(database), settings or StorageSettings(), Access.READ)
    try:
        with reading(engine).connect() as connection:
            return schema_version(connection, migrations)
    finally:
        engine.dispose()


def reading(engine: Engine) -> Engine:
    """The same connections, for statements that only read: their transactions take no write lock."""
    return engine.execution_options(**{_BEGIN: "BEGIN"})


def _create(engine: Engine, url: URL, migrations: Path) -> SchemaVersion:
    if url.get_backend_name() == "sqlite":
        with engine.execution_options(**{_BEGIN: None}).connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")  # kept in the file, for all who open it
    return upgrade(engine, describe(url), migrations)


def _connect(url: URL, settings: StorageSettings, access: Access) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            _sqlite_url(url, access), connect_args={"timeout": settings.lock_timeout_s}, json_serializer=_json
        )
        _configure_sqlite(engine)
    else:
        _require_psycopg()
        engine = create_engine(
            url,
            connect_args=_postgresql_arguments(settings, access),
            json_serializer=_json,
            pool_pre_ping=True,
        )
    translate_errors(engine, url)
    return engine


def _json(value: Any) -> str:
    """Keys in order: the same configuration gives the same bytes."""
    import json

    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _sqlite_url(url: URL, access: Access) -> URL:
    path = Path(str(url.database)).absolute()
    if not path.parent.is_dir():
        raise DatabaseUnreachable(f"there is no folder {path.parent} for the database: create it")
    if access is not Access.CREATE and not path.exists():
        raise DatabaseUnreachable(f"there is no database {path}: check the path")
    if access is Access.CREATE and not path.exists() and not os.access(path.parent, os.W_OK):
        raise DatabaseReadOnly(f"the folder {path.parent} cannot be written: choose another for the database")
    if path.is_dir():
        raise DatabaseUnreachable(f"{path} is a folder: give the path of a database file")
    query = {"uri": "true", "mode": {Access.READ: "ro", Access.WRITE: "rw", Access.CREATE: "rwc"}[access]}
    if (
        access is Access.READ
        and not os.access(path.parent, os.W_OK)
        and not path.with_name(path.name + "-wal").exists()
    ):
        query["immutable"] = "1"  # nobody can write there: WAL's shared memory is neither possible nor needed
    return URL.create("sqlite+pysqlite", database=f"file:{quote(str(path))}", query=query)


def _configure_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _set_up(driver: Any, record: object) -> None:
        del record
        driver.isolation_level = None  # transactions begin where _begin says, not where sqlite3 guesses
        driver.execute("PRAGMA foreign_keys=ON")
        driver.execute(
            "PRAGMA synchronous=NORMAL"
        )  # in WAL mode a power cut loses commits, never the database
        driver.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock at the start, where SQLite waits for it; a read that turns into a write would
        # fail at once if another process had written in between.
        statement = connection.get_execution_options().get(_BEGIN, "BEGIN IMMEDIATE")
        if statement is not None:
            connection.exec_driver_sql(statement)


def _require_psycopg() -> None:
    if find_spec("psycopg") is None:
        raise ConfigError("PostgreSQL needs psycopg: pip install 'sitewatch[postgresql]'")


def _postgresql_arguments(settings: StorageSettings, access: Access) -> dict[str, Any]:
    lock_ms = max(1, round(settings.lock_timeout_s * 1000))
    options = [f"-c lock_timeout={lock_ms}", "-c timezone=UTC"]
    of_the_server = {f"tcp_{name}": value for name, value in _KEEPALIVES.items()} | _USER_TIMEOUT
    options += [f"-c {name}={value}" for name, value in of_the_server.items()]
    if access is Access.READ:
        options.append("-c default_transaction_read_only=on")
    return {
        "options": " ".join(options),
        "connect_timeout": _SILENCE_S,
        "application_name": "sitewatch",
        **_KEEPALIVES,
        **_USER_TIMEOUT,
    }
