"""Can the daemon write to its database, and for how long?"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import false, insert, select

from config.errors import SitewatchError
from pipeline.daemon.places import state_folder
from pipeline.doctor.findings import failure, ok, refused, warning
from pipeline.doctor.folders import can_be_written
from storage.engine import Access, database_version, open_database
from storage.schema import Base
from storage.upgrade import SchemaState
from storage.url import database_url, describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL

    from config.sections.storage import StorageSettings
    from pipeline.doctor.findings import Finding

_SUBJECT = "database"
_LOW_BYTES = 1 << 30
"""Less than a day of one busy camera: SQLite takes 106 bytes a position (200,000 of ``benchmarks.area``), and five persons
at 25 Hz are 10.8 million of them."""


def check_database(settings: StorageSettings) -> Iterator[Finding]:
    """It is there or can be made, has this Sitewatch's schema, takes rows, and its disk has room."""
    try:
        url = _site_url(settings)
        yield _check(url, settings)
    except SitewatchError as error:
        yield refused(_SUBJECT, error)
        return
    if url.get_backend_name() == "sqlite":
        yield _check_disk(Path(str(url.database)).absolute().parent)


def _site_url(settings: StorageSettings) -> URL:
    """As the daemon chooses it, without making the folder."""
    return database_url(settings.url.get_secret_value() if settings.url else state_folder() / "sitewatch.db")


def _check(url: URL, settings: StorageSettings) -> Finding:
    name = describe(url)
    path = Path(str(url.database)).absolute() if url.get_backend_name() == "sqlite" else None
    if path is not None and not os.access(path, os.F_OK):
        return _check_new(path, made_by_daemon=settings.url is None)
    version = database_version(url, settings)
    if version.state is SchemaState.EMPTY:
        return ok(_SUBJECT, f"{name} is empty: the daemon makes its tables")
    _take_a_row(url, settings)
    return ok(_SUBJECT, f"{name} has schema {version.revision} and can be written")


def _check_new(path: Path, *, made_by_daemon: bool) -> Finding:
    folder = path.parent
    if not made_by_daemon and not os.access(folder, os.F_OK):
        return failure(_SUBJECT, f"there is no folder {folder} for it", "make it, or correct storage.url")
    if not can_be_written(folder):
        return failure(_SUBJECT, f"{folder} cannot be written", "give the folder to the daemon's user")
    return ok(_SUBJECT, f"{path} will be made")


def _take_a_row(url: URL, settings: StorageSettings) -> None:
    """Everything that writing needs (locks, permissions on each table), but no row.

    Raises:
        StorageError: the database would not take one.
    """
    engine = open_database(url, settings, Access.WRITE)
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            for table in Base.metadata.sorted_tables:
                columns = [column.name for column in table.columns]
                connection.execute(insert(table).from_select(columns, select(table).where(false())))
            transaction.rollback()
    finally:
        engine.dispose()


def _check_disk(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.parents) if os.access(path, os.F_OK))
    free = shutil.disk_usage(existing).free
    found = f"{free / 1e9:.1f} GB free for {folder}"
    if free < _LOW_BYTES:
        return warning("disk", found, "free some, or set storage.url to a database on a larger disk")
    return ok("disk", found)
