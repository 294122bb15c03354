"""Databases for the tests of storage: the same test runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.engine import open_database
from tests.postgresql import PostgresqlServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server of this test session."""
    with PostgresqlServer() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database that holds nothing."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'site.db'}"
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.clean_database()


@pytest.fixture
def engine(empty_database: str) -> Iterator[Engine]:
    """An open database of the newest schema."""
    opened = open_database(empty_database)
    yield opened
    opened.dispose()
