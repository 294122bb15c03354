"""What goes wrong with a server: it is not there, it refuses, it only reads. Passwords never show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.engine import make_url

from config.errors import DatabaseLocked, DatabaseReadOnly, DatabaseUnreachable
from config.sections.storage import StorageSettings
from storage.engine import open_database, upgrade_database
from tests.observations import start_run

if TYPE_CHECKING:
    from tests.postgresql import PostgresqlServer

pytestmark = pytest.mark.postgresql
_SECRET = "open-sesame-4711"  # noqa: S105 - of no account


def test_wrong_password(postgresql: PostgresqlServer) -> None:
    with pytest.raises(DatabaseUnreachable, match="password authentication failed") as raised:
        open_database(postgresql.url("postgres", password=_SECRET))
    assert _SECRET not in str(raised.value)


def test_no_such_server(postgresql: PostgresqlServer) -> None:
    with pytest.raises(DatabaseUnreachable, match="cannot be reached") as raised:
        open_database(postgresql.url("postgres", password=_SECRET, port=1) + f"?sslpassword={_SECRET}")
    assert _SECRET not in str(raised.value)


def test_no_such_database(postgresql: PostgresqlServer) -> None:
    with pytest.raises(DatabaseUnreachable, match="does not exist"):
        open_database(postgresql.url("nowhere"))


def test_database_that_only_reads(postgresql: PostgresqlServer) -> None:
    url = postgresql.new_database()
    upgrade_database(url)
    with psycopg.connect(url, autocommit=True) as connection:
        name = make_url(url).database
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    engine = open_database(url)
    with pytest.raises(DatabaseReadOnly):
        start_run(engine)
    engine.dispose()


def test_lock_of_another_session(postgresql: PostgresqlServer) -> None:
    url = postgresql.new_database()
    engine = open_database(url, StorageSettings(lock_timeout_s=0.2))
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseLocked):
            start_run(engine)
    engine.dispose()
