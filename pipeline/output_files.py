"""Files that are whole or not there at all."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from config.errors import DiskFull, OutputError

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write ``content`` beside ``path`` and move it into place, text as UTF-8.

    Raises:
        OutputError: the file cannot be written; what was there before stays.
        DiskFull: no space left.
    """
    data = content.encode() if isinstance(content, str) else content
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            part.write_bytes(data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{path}: no space left on the disk; free some and run again") from error
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
