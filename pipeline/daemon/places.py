"""Folders and files of a running daemon, and the lock that keeps a second one away."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from platformdirs import user_state_path

from config.errors import AlreadyRunning, NotRunning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.sections.storage import StorageSettings
    from storage.url import Database

_NAME = "sitewatch"


def state_folder() -> Path:
    """Where the daemon keeps what must last: systemd's StateDirectory, or the user's."""
    given = os.environ.get("STATE_DIRECTORY")
    return Path(given.partition(":")[0]) if given else user_state_path(_NAME)


def runtime_folder() -> Path:
    """Where the daemon keeps what ends with it: systemd's RuntimeDirectory, or the user's."""
    given = os.environ.get("RUNTIME_DIRECTORY")
    if given:
        return Path(given.partition(":")[0])
    of_user = os.environ.get("XDG_RUNTIME_DIR")  # absent where nobody logged in, as in a container
    return Path(of_user) / _NAME if of_user else state_folder() / "run"


def site_database(settings: StorageSettings) -> Database:
    """The database of the site: as configured, or a file in the state folder, which is made if need be."""
    if settings.url is not None:
        return settings.url.get_secret_value()
    folder = state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "sitewatch.db"


@contextmanager
def sole_daemon() -> Iterator[None]:
    """Be the only daemon of this user's runtime folder, known to others by its process id.

    Raises:
        AlreadyRunning: there is one.
    """
    folder = runtime_folder()
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "daemon.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AlreadyRunning(
            f"a daemon runs already (process {_pid_text() or 'unknown'}): sitewatch status shows it, "
            "sitewatch reload makes it read its configuration again"
        ) from None
    try:
        _pid_file().write_text(f"{os.getpid()}\n", encoding="ascii")
        yield
    finally:
        with suppress(OSError):
            _pid_file().unlink()
        lock.release()


def daemon_pid() -> int:
    """Process id of the running daemon.

    Raises:
        NotRunning: there is none.
    """
    lock = FileLock(runtime_folder() / "daemon.lock")
    text = _pid_text()
    if text.isdecimal():
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            return int(text)
        lock.release()  # nobody holds it: the file was left by a daemon that was killed
    raise NotRunning(
        f"no daemon runs here ({runtime_folder()}): start one with sitewatch run, or systemctl start sitewatch"
    )


def _pid_file() -> Path:
    return runtime_folder() / "daemon.pid"


def _pid_text() -> str:
    try:
        return _pid_file().read_text(encoding="ascii").strip()
    except OSError:
        return ""
