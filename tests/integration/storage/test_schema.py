"""The migrations make what the models say, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from config.errors import DatabaseOutdated, DatabaseTooNew, DatabaseUnreachable, NotADatabase
from config.sections.storage import StorageSettings
from storage.content import content_digest
from storage.engine import Access, database_version, open_database, upgrade_database
from storage.records import CameraEventBegin
from storage.repositories.camera_events import CameraEventRepository
from storage.schema import Base
from storage.upgrade import MIGRATIONS, VERSION_TABLE, SchemaState
from storage.writer import ObservationWriter
from tests.observations import START, batch, start_run, walk, write

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

_NEXT_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("cameras", sa.Column("note", sa.Text()))
"""


@pytest.fixture
def later_migrations(tmp_path: Path) -> Path:
    """The migrations of a Sitewatch to come."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "r_next.py").write_text(_NEXT_REVISION, encoding="utf-8")
    return folder


# SQLite: an index of an expression cannot be compared; the plan of the area query shows that it is there and used.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_migrations_make_what_the_models_say(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []


def test_downgrade_leaves_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.downgrade(config, "base")
    assert inspect(engine).get_table_names() == [VERSION_TABLE]


def test_upgrade_says_what_was_there_before(empty_database: str) -> None:
    assert upgrade_database(empty_database).state is SchemaState.EMPTY
    assert upgrade_database(empty_database).state is SchemaState.CURRENT
    assert database_version(empty_database).revision == database_version(empty_database).newest


def test_older_schema_is_refused_until_the_operator_upgrades_it(
    empty_database: str, later_migrations: Path
) -> None:
    engine = open_database(empty_database)
    run_id = start_run(engine)
    write(engine, run_id, walk(5))
    engine.dispose()
    for access in Access:
        with pytest.raises(DatabaseOutdated, match="sitewatch db upgrade"):
            open_database(empty_database, access=access, migrations=later_migrations)
    assert upgrade_database(empty_database, migrations=later_migrations).state is SchemaState.OUTDATED
    open_database(empty_database, migrations=later_migrations).dispose()


@pytest.fixture
def first_migrations(tmp_path: Path) -> Path:
    """The migrations of the first Sitewatch."""
    folder = tmp_path / "first"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__", "r0002_*"))
    return folder


def test_database_of_the_first_schema_is_brought_up_with_its_rows(
    empty_database: str, first_migrations: Path
) -> None:
    engine = open_database(empty_database, migrations=first_migrations)
    assert "camera_events" not in inspect(engine).get_table_names()
    run_id = start_run(engine)
    write(engine, run_id, walk(50))
    engine.dispose()
    before = upgrade_database(empty_database)
    assert (before.state, before.revision, before.newest) == (SchemaState.OUTDATED, "0001", "0002")
    engine = open_database(empty_database)
    second = start_run(engine)
    write(engine, second, walk(50))
    assert content_digest(engine, run_id) == content_digest(engine, second)
    writer = ObservationWriter.live(engine, run_id, StorageSettings())
    writer.put(batch(50, [1]))
    writer.record(CameraEventBegin("gate", "offline", START))
    assert writer.close(30) == 0
    assert [event.kind for event in CameraEventRepository(engine).list(run_id)] == ["offline"]
    engine.dispose()


def test_newer_schema_is_refused(empty_database: str, later_migrations: Path) -> None:
    upgrade_database(empty_database, migrations=later_migrations)
    for access in Access:
        with pytest.raises(DatabaseTooNew, match="upgrade Sitewatch"):
            open_database(empty_database, access=access)
    with pytest.raises(DatabaseTooNew):
        upgrade_database(empty_database)


def test_database_without_schema_is_not_made_unless_asked(empty_database: str) -> None:
    with pytest.raises((DatabaseUnreachable, DatabaseOutdated)):
        open_database(empty_database, access=Access.READ)
    with pytest.raises((DatabaseUnreachable, DatabaseOutdated)):
        open_database(empty_database, access=Access.WRITE)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE moz_places (id INTEGER)")
    before = path.read_bytes()
    for access in Access:
        with pytest.raises(NotADatabase, match="another program"):
            open_database(path, access=access)
    with pytest.raises(NotADatabase, match="another program"):
        upgrade_database(path)
    assert path.read_bytes() == before


def test_file_of_zero_bytes_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "site.db"
    path.touch()
    open_database(path).dispose()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def _open(database: str) -> None:
    open_database(database, StorageSettings(lock_timeout_s=30)).dispose()


def test_processes_that_create_it_at_once_do_not_collide(empty_database: str) -> None:
    processes = [get_context("spawn").Process(target=_open, args=(empty_database,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert database_version(empty_database).state is SchemaState.CURRENT
