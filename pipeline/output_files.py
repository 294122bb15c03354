"""Files that are whole or not there at all: written beside their place first, then moved into it."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from glob import escape
from typing import TYPE_CHECKING

from config.errors import DiskFull, OutputError
from storage.process import identity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_whole(path: Path, content: str | bytes) -> None:
    """Write ``content`` beside ``path`` and move it into place, text as UTF-8.

    Raises:
        OutputError: the file cannot be written; what was there before stays.
        DiskFull: no space left.
    """
    with whole_file(path) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to: takes its place when the block ends well, is removed when it does not.

    The part keeps the suffix, by which some writers choose the format. Parts of the same file that processes of this
    machine left when they were killed are removed.

    Raises:
        OutputError: the file cannot be written; what was there before stays.
        DiskFull: no space left.
    """
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    with _told(path):
        _remove_abandoned_parts(path)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _remove_abandoned_parts(path: Path) -> None:
    for part in path.parent.glob(f".{escape(path.stem)}.*.part{escape(path.suffix)}"):
        process = part.name.removesuffix(f".part{path.suffix}").rpartition(".")[2]
        if process.isdecimal() and not identity(int(process)):
            part.unlink(missing_ok=True)


def prepare_folder(folder: Path) -> None:
    """Make a folder for results, unless it exists; what is in it stays.

    Raises:
        OutputError: it cannot be made or written.
        DiskFull: no space left.
    """
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: cannot be written; choose another folder")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the operating system says of ``path``, in our words."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise DiskFull(f"{path}: no space left on the disk; free some and run again") from error
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
