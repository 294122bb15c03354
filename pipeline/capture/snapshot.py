"""A recording as it was when it was opened: bytes that a writer adds later are not read."""

from __future__ import annotations

import io
import os
import stat
from typing import TYPE_CHECKING

from config.errors import InputEmpty, InputError, InputNotFound, NotARegularFile

if TYPE_CHECKING:
    from pathlib import Path


def require_regular_file(path: Path) -> None:
    """Refuse what has no end or no bytes, before anything is opened: opening a pipe would wait for a writer.

    Raises:
        InputNotFound: there is nothing at ``path``, or a folder on the way may not be entered.
        NotARegularFile: a pipe, socket, device or folder.
        InputEmpty: a file of zero bytes.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise InputNotFound(f"{path}: {_reason(error)}; check the path") from error
    if not stat.S_ISREG(status.st_mode):
        raise NotARegularFile(
            f"{path} is {_kind(status.st_mode)}, not a file; record the stream to a file and replay that"
        )
    if status.st_size == 0:
        raise InputEmpty(f"{path} has zero bytes; copy the recording again")


class Snapshot(io.RawIOBase):
    """Read-only view of the bytes that a regular file held when it was opened.

    Attributes:
        size_bytes: how many bytes those are.

    Raises:
        InputNotFound: the file does not exist or may not be read.
        NotARegularFile: a pipe, socket, device or folder.
        InputEmpty: zero bytes.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        require_regular_file(path)
        try:
            # Without waiting: should a pipe take the file's place just now, opening it returns at once.
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except PermissionError as error:
            raise InputNotFound(f"{path} may not be read: {_reason(error)}; check its permissions") from error
        except OSError as error:
            raise InputError(f"{path} cannot be opened: {_reason(error)}") from error
        self._path = path
        self._position = 0
        self.size_bytes = os.fstat(self._descriptor).st_size

    def has_grown(self) -> bool:
        """Whether someone has added to the file since: it was still being recorded."""
        return os.fstat(self._descriptor).st_size > self.size_bytes

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        left = max(0, self.size_bytes - self._position)
        wanted = left if size < 0 else min(size, left)
        data = os.pread(self._descriptor, wanted, self._position) if wanted else b""
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size_bytes}[whence]
        if origin + offset < 0:
            raise ValueError(f"cannot seek to byte {origin + offset} of {self._path}")
        self._position = origin + offset
        return self._position

    def close(self) -> None:
        if not self.closed and hasattr(self, "_descriptor"):  # Python closes what could not be opened, too
            os.close(self._descriptor)
        super().close()


def _kind(mode: int) -> str:
    names = {
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFDIR: "a folder",
    }
    return names.get(stat.S_IFMT(mode), "something else")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
