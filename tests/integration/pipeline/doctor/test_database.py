"""Databases that the daemon could write to, and those that it could not."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from config.sections.storage import StorageSettings
from pipeline.doctor.database import check_database
from pipeline.doctor.findings import Finding, Outcome
from storage.engine import Access, open_database, reading, upgrade_database
from storage.schema import Base
from storage.upgrade import MIGRATIONS
from tests.postgresql import PostgresqlServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NEXT_REVISION = 'revision = "next"\ndown_revision = "{}"\n\n\ndef upgrade() -> None:\n    pass\n'


def finding(url: str | Path | None) -> Finding:
    given = url if url is None or isinstance(url, str) else f"sqlite:///{url}"
    return next(
        check_database(StorageSettings(url=None if given is None else SecretStr(given), lock_timeout_s=0.2))
    )


def test_the_daemons_own_is_made_when_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    assert finding(None).outcome is Outcome.OK
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert finding(tmp_path / "none" / "site.db").outcome is Outcome.FAILURE


def test_a_database_that_can_be_written_stays_as_it_is(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "site.db")
    try:
        assert finding(tmp_path / "site.db").outcome is Outcome.OK
        with reading(engine).connect() as connection:
            for table in Base.metadata.sorted_tables:
                assert connection.scalar(select(func.count()).select_from(table)) == 0
    finally:
        engine.dispose()


def test_a_database_that_another_process_holds(tmp_path: Path) -> None:
    path = tmp_path / "site.db"
    open_database(path).dispose()
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        found = finding(path)
    assert found.outcome is Outcome.FAILURE
    assert "locked" in found.found


def test_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "site.db").write_text("no database" * 100)
    assert finding(tmp_path / "site.db").outcome is Outcome.FAILURE
    assert finding("mysql://host/site").outcome is Outcome.FAILURE


def test_a_database_of_a_newer_sitewatch(tmp_path: Path) -> None:
    newer = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, newer, ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "site.db"
    newest = upgrade_database(path).newest
    (newer / "versions" / "r_next.py").write_text(_NEXT_REVISION.format(newest))
    upgrade_database(path, migrations=newer)
    assert "upgrade Sitewatch" in finding(path).found


def test_the_disk_is_told(tmp_path: Path) -> None:
    settings = StorageSettings(url=SecretStr(f"sqlite:///{tmp_path / 'site.db'}"))
    assert "GB free" in list(check_database(settings))[1].found


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    with PostgresqlServer() as running:
        yield running


@pytest.mark.postgresql
def test_a_role_that_may_only_read(server: PostgresqlServer) -> None:
    url = server.new_database()
    assert "is empty" in finding(url).found
    open_database(url, access=Access.CREATE).dispose()
    assert finding(url).outcome is Outcome.OK
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'r3ader'")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    found = finding(url.replace(f"{server.user}:{server.password}", "reader:r3ader"))
    assert found.outcome is Outcome.FAILURE
    assert "cannot be written" in found.found


@pytest.mark.postgresql
def test_a_password_that_is_wrong(server: PostgresqlServer) -> None:
    found = finding(server.url("postgres", password="wr0ng"))  # noqa: S106  no secret
    assert found.outcome is Outcome.FAILURE
    assert "wr0ng" not in found.found
