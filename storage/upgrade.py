"""The version of a database's schema: read, compared with this Sitewatch's, and brought up by Alembic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from config.errors import DatabaseOutdated, DatabaseTooNew, NotADatabase
from storage.schema import Base

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

VERSION_TABLE = "sitewatch_schema"
MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 0x73697465  # any constant: one upgrade at a time on a PostgreSQL database


class SchemaState(Enum):
    """How a database's schema stands to this Sitewatch's."""

    EMPTY = auto()
    OUTDATED = auto()
    CURRENT = auto()
    TOO_NEW = auto()
    FOREIGN = auto()
    """Tables of another program, and none of the version table."""


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """Revision of a database (absent: none) beside the newest that this Sitewatch knows."""

    state: SchemaState
    revision: str | None
    newest: str


def schema_version(connection: Connection, migrations: Path = MIGRATIONS) -> SchemaVersion:
    """Which revision a database has, and what that means."""
    scripts = ScriptDirectory(str(migrations))
    newest = scripts.get_current_head() or ""
    known = {script.revision for script in scripts.walk_revisions()}
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        theirs = tables if connection.dialect.name == "sqlite" else tables & set(Base.metadata.tables)
        return SchemaVersion(SchemaState.FOREIGN if theirs else SchemaState.EMPTY, None, newest)
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    revision = context.get_current_revision()
    if revision is None:
        state = SchemaState.EMPTY
    elif revision not in known:
        state = SchemaState.TOO_NEW
    else:
        state = SchemaState.CURRENT if revision == newest else SchemaState.OUTDATED
    return SchemaVersion(state, revision, newest)


def require_current(version: SchemaVersion, name: str) -> None:
    """Refuse a database that this Sitewatch cannot read as it is.

    Raises:
        DatabaseOutdated: it has no schema yet, or an older one.
        DatabaseTooNew: written by a newer Sitewatch.
        NotADatabase: another program's.
    """
    refuse_unusable(version, name)
    if version.state in {SchemaState.EMPTY, SchemaState.OUTDATED}:
        raise DatabaseOutdated(
            f"{name} has schema {version.revision or 'none'}, this Sitewatch needs {version.newest}: "
            f"run sitewatch db upgrade --database {name}"
        )


def refuse_unusable(version: SchemaVersion, name: str) -> None:
    """Refuse a database that no upgrade can bring up.

    Raises:
        DatabaseTooNew: written by a newer Sitewatch.
        NotADatabase: another program's.
    """
    if version.state is SchemaState.TOO_NEW:
        raise DatabaseTooNew(
            f"{name} has schema {version.revision}, this Sitewatch knows up to {version.newest}: upgrade Sitewatch"
        )
    if version.state is SchemaState.FOREIGN:
        raise NotADatabase(f"{name} holds tables of another program: give Sitewatch a database of its own")


def upgrade(engine: Engine, name: str, migrations: Path = MIGRATIONS) -> SchemaVersion:
    """Bring the schema up to this Sitewatch's, in one transaction; returns what it was before.

    Raises:
        DatabaseTooNew: written by a newer Sitewatch.
        NotADatabase: another program's.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        before = schema_version(
            connection, migrations
        )  # under the lock: another process may just have upgraded
        refuse_unusable(before, name)
        if before.state is not SchemaState.CURRENT:
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(migrations).replace("%", "%%"))
            command.upgrade(config, "head")
    return before
