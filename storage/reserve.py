"""Room on the disk that a run keeps for its last row: how it ended can be written even when the disk has filled up.

Only SQLite needs it: a file beside the database, given back just before the run is finished.
"""

from __future__ import annotations

import os
from contextlib import suppress
from errno import EDQUOT, EFBIG, ENOSPC
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
    noise = os.urandom(RESERVE_BYTES)  # zeros take no room on a file system that compresses
    try:
        path.write_bytes(noise)
    except OSError as error:
        give_back_reserve(connection, run_id)
        if error.errno in {ENOSPC, EDQUOT, EFBIG}:
            raise DiskFull(f"no space left in {path.parent}: free some") from None
        raise DatabaseReadOnly(f"{path} cannot be written: {error.strerror}") from None


def give_back_reserve(connection: Connection, run_id: int) -> None:
    """Make the room free again; harmless where none is kept."""
    path = _path(connection, run_id)
    if path is not None:
        with suppress(OSError):  # where nothing may be removed, what is written next fails, and says so
            path.unlink()


def _path(connection: Connection, run_id: int) -> Path | None:
    if connection.dialect.name != "sqlite":
        return None
    databases = connection.exec_driver_sql("PRAGMA database_list").all()
    main = next(row.file for row in databases if row.name == "main")
    return Path(f"{main}-reserve-{run_id}")
