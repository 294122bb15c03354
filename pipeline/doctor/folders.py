"""Can the daemon write where it keeps things?"""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING

from models.weights.cache import cache_dir
from pipeline.daemon.places import runtime_folder, state_folder
from pipeline.doctor.findings import failure, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.doctor.findings import Finding


def check_folders() -> Iterator[Finding]:
    """The folders of state, of the running daemon and of the cache are there or can be made, and written."""
    yield _writable("state folder", state_folder())
    yield _writable("runtime folder", runtime_folder())
    cache = _writable("cache folder", cache_dir())
    # A cache that cannot be written costs time, since networks are converted at each start, but stops nobody.
    yield cache if not cache.remedy else warning(cache.subject, cache.found, cache.remedy)


def can_be_written(folder: Path) -> bool:
    """Whether files can be made in a folder, which may have to be made first."""
    existing = next(path for path in (folder, *folder.absolute().parents) if os.access(path, os.F_OK))
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)


def _writable(subject: str, folder: Path) -> Finding:
    if can_be_written(folder):
        return ok(subject, f"{folder} {'can be written' if os.access(folder, os.F_OK) else 'can be made'}")
    return failure(
        subject,
        f"{folder} cannot be written by {_user()}",
        f"give it to the daemon's user, or run this as that user: ls -ld {folder}",
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an id without a name
        return f"user {os.getuid()}"
