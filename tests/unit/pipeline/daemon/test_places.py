"""Where the daemon keeps its things, and that there is one of it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from config.errors import AlreadyRunning, NotRunning
from config.sections.storage import StorageSettings
from pipeline.daemon.places import daemon_pid, runtime_folder, site_database, sole_daemon, state_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))


def test_systemd_says_where(tmp_path: Path) -> None:
    assert state_folder() == tmp_path / "state"
    assert runtime_folder() == tmp_path / "run"


def test_without_systemd_the_users_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "user"))
    assert runtime_folder() == tmp_path / "user" / "sitewatch"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert runtime_folder() == tmp_path / "state" / "run"


def test_the_database_is_where_the_settings_say_or_in_the_state_folder(tmp_path: Path) -> None:
    url = "postgresql://sitewatch@db/site"
    assert site_database(StorageSettings(url=SecretStr(url))) == url
    assert site_database(StorageSettings()) == tmp_path / "state" / "sitewatch.db"
    assert (tmp_path / "state").is_dir()


def test_there_is_one_daemon_and_it_can_be_found() -> None:
    with pytest.raises(NotRunning, match="no daemon runs here"):
        daemon_pid()
    code = (
        "import os, sys; from pipeline.daemon.places import sole_daemon\n"
        "with sole_daemon():\n    print(os.getpid(), flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        pid = int(other.stdout.readline())
        assert daemon_pid() == pid
        with pytest.raises(AlreadyRunning, match=f"process {pid}"), sole_daemon():
            pass
        other.kill()
        other.wait()
    with pytest.raises(NotRunning):  # the file is still there, but nobody holds the lock
        daemon_pid()
    with sole_daemon():
        assert runtime_folder().joinpath("daemon.pid").exists()
    assert not runtime_folder().joinpath("daemon.pid").exists()
