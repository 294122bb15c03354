"""Temporary files of a replay: what grows with the recording goes to disk, and disks fill up."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from config.errors import DiskFull

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def full_disk_is_told() -> Iterator[None]:
    """Around reading and writing of temporary files.

    Raises:
        DiskFull: no space left for them.
    """
    try:
        yield
    except OSError as error:
        raise DiskFull(
            f"{tempfile.gettempdir()} takes no temporary file ({error.strerror}): free some space, or set TMPDIR"
        ) from error
