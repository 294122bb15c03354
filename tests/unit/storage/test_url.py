"""A path or a URL names a database; messages name it without secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from storage.url import database_url, describe


@pytest.mark.parametrize("path", ["site.db", "a b/100%?#.db", "/srv/site.db"])
def test_plain_path_is_an_sqlite_file(path: str) -> None:
    for given in (path, Path(path)):
        url = database_url(given)
        assert (url.get_backend_name(), url.database) == ("sqlite", path)
        assert describe(url) == path


def test_postgresql_uses_psycopg() -> None:
    assert database_url("postgresql://u@host/site").drivername == "postgresql+psycopg"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/site", "http://", "://"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        database_url(url)


def test_secrets_do_not_show() -> None:
    url = database_url("postgresql://guard:hunter2@host:5433/site?sslpassword=hunter2")
    assert describe(url) == "postgresql+psycopg://guard@host:5433/site"


def test_malformed_url_does_not_repeat_its_password() -> None:
    with pytest.raises(ConfigError) as raised:
        database_url("postgresql://guard:hunter2@host:port/site")
    assert "hunter2" not in str(raised.value)
