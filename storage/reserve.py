"""Room on the disk that a run keeps for its last row: how it ended can be written even when the disk has filled up.

Only SQLite needs it: a file beside the database, given back just before the run is finished.
"""

from __future__ import annotations

import os
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import DatabaseReadOnly, DiskFull

if TYPE_CHECKING:
    from sqlalchemy import Connection

RESERVE_BYTES = 256 * 1024
"""Finishing a run adds 8 KiB to SQLite's log; of 50 cameras 52 KiB, with a configuration of 100 kB 205 KiB."""


def keep_reserve(connection: Connection, run_id: int) -> None:
    """Take the room for the end of a run.

    Raises:
        DiskFull: there is not even so much.
        DatabaseReadOnly: the folder of the database cannot be written.
    """
    path = _path(connection, run_id)
    if path is None:
        return
    try:
        path.write_bytes(
            os.urandom(RESERVE_BYTES)
        )  # noise: a file system may store zeros without taking room
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno in {ENOSPC, EDQUOT}:
            raise DiskFull(f"no space left in {path.parent}: free some") from None
        raise DatabaseReadOnly(f"{path} cannot be written: {error.strerror}") from None


def give_back_reserve(connection: Connection, run_id: int) -> None:
    """Make the room free again; harmless where none is kept."""
    path = _path(connection, run_id)
    if path is not None:
        path.unlink(missing_ok=True)


def _path(connection: Connection, run_id: int) -> Path | None:
    if connection.dialect.name != "sqlite":
        return None
    databases = connection.exec_driver_sql("PRAGMA database_list").all()
    main = next(row.file for row in databases if row.name == "main")
    return Path(f"{main}-reserve-{run_id}")
