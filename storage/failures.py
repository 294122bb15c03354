"""What a database's refusal means to the operator: driver errors become the errors of ``config.errors``."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy import event

from config.errors import (
    DatabaseLocked,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DiskFull,
    NotADatabase,
    SitewatchError,
    StorageError,
)
from storage.url import describe

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL, ExceptionContext

_LOCKED = (DatabaseLocked, "{} is locked by another process: wait until it has finished, then try again")
_READ_ONLY = (DatabaseReadOnly, "{} cannot be written: check the permissions of the file and its folder")
_FULL = (DiskFull, "no space left for {}: free some; what was committed is kept")
_UNREACHABLE = (DatabaseUnreachable, "{} cannot be opened: check that it exists and may be read")
_NOT_A_DATABASE = (NotADatabase, "{} is no SQLite database, or a damaged one: give another, or restore it")

_SQLITE: dict[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR_WRITE: _FULL,  # a quota, or a limit on the size of files
    sqlite3.SQLITE_IOERR_TRUNCATE: _FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,
    sqlite3.SQLITE_CANTOPEN: _UNREACHABLE,
    sqlite3.SQLITE_NOTADB: _NOT_A_DATABASE,
    sqlite3.SQLITE_CORRUPT: _NOT_A_DATABASE,
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: dict[str, tuple[type[StorageError], str]] = {
    "55P03": _LOCKED,
    "40P01": _LOCKED,
    "25006": _READ_ONLY,
    "42501": _READ_ONLY,
    "53100": _FULL,
}
_SERVER_GONE = (
    "08",
    "28",
    "3D",
    "53",
    "57",
)  # classes: connection, authorisation, no database, resources, shutdown


def translate_errors(engine: Engine, url: URL) -> None:
    """Make every failure of ``engine`` raise a ``StorageError`` that names ``url`` without its secrets."""

    @event.listens_for(engine, "handle_error")
    def _translate(context: ExceptionContext) -> None:
        if context.is_pre_ping:
            return  # the pool is only asking after an idle connection, and makes another
        raise storage_error(context.original_exception, url)


def storage_error(error: BaseException, url: URL) -> BaseException:
    """The error that tells the operator what ``error`` of the driver means; any other error as it is."""
    if isinstance(error, SitewatchError):
        return error
    if isinstance(error, sqlite3.Error):
        return _from_sqlite(error, url)
    if hasattr(error, "sqlstate"):
        return _from_postgresql(error, error.sqlstate, url)
    return error


def _from_sqlite(error: sqlite3.Error, url: URL) -> StorageError:
    code = getattr(error, "sqlite_errorcode", None)
    meaning = _SQLITE.get(code, _SQLITE.get(code & 0xFF)) if code is not None else None
    if meaning is None:
        return StorageError(f"{describe(url)} refused: {_one_line(error)}")
    kind, message = meaning
    return kind(message.format(describe(url)))


def _from_postgresql(error: BaseException, sqlstate: str | None, url: URL) -> StorageError:
    if sqlstate in _POSTGRESQL:
        kind, message = _POSTGRESQL[sqlstate]
        return kind(message.format(describe(url)))
    if _is_without_answer(error, sqlstate) or (sqlstate or "").startswith(_SERVER_GONE):
        return DatabaseUnreachable(
            f"{describe(url)} cannot be reached: {_one_line(error)}; check host, port, name, user and password"
        )
    return StorageError(f"{describe(url)} refused: {_one_line(error)}")


def _is_without_answer(error: BaseException, sqlstate: str | None) -> bool:
    """No server said what is wrong: the driver itself did, as when the connection broke or was not had in time."""
    kinds = {kind.__name__ for kind in (type(error).__mro__ if sqlstate is None else [type(error)])}
    return "OperationalError" in kinds


def _one_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__
