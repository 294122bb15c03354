"""Shared memory without a name: the kernel takes it back when the last process that maps it ends, however it ends.

A named segment outlives a daemon that was killed; an unnamed file in the same file system cannot be left behind, so that
there is nothing to find and remove at the next start: docs/adr/0011-frames-in-unnamed-shared-memory.md.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import time
from pathlib import Path
from typing import Self

from config.errors import SharedMemoryFull

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  the kernel's shared memory, no predictable name in it
_MIB = 1024 * 1024
_LOCK_POLL_S = 0.0002


class LockUnavailable(Exception):
    """The other side holds the lock for far longer than it ever needs: it was stopped in the middle."""


class _Held:
    """The lock of a segment, while it is held; a class, since a generator would take longer than what it guards."""

    __slots__ = ("_segment", "_timeout_s")

    def __init__(self, segment: SharedSegment, timeout_s: float | None) -> None:
        self._segment = segment
        self._timeout_s = timeout_s

    def __enter__(self) -> None:
        self._segment.lock(self._timeout_s)

    def __exit__(self, *_: object) -> None:
        self._segment.unlock()


class SharedSegment:
    """Memory that several processes map, and a lock on it that dies with its owner.

    Attributes:
        fd: file descriptor to hand to another process.
        size: bytes.
    """

    def __init__(self, fd: int) -> None:
        """Map what another process made; ``fd`` belongs to the segment from now on."""
        self.fd = fd
        self.size = os.fstat(fd).st_size
        # All of it is mapped now: a frame never waits for a page, and the memory of a process does not grow as slots are used.
        flags = mmap.MAP_SHARED | mmap.MAP_POPULATE
        self._memory: mmap.mmap | None = mmap.mmap(fd, self.size, flags)

    @classmethod
    def create(cls, size: int, what: str, folder: Path = SHARED_MEMORY) -> Self:
        """New memory, all zeros, with its room reserved: writing to it can never fail later.

        Args:
            size: bytes.
            what: it is for, in the words of an error.
            folder: a file system in memory.

        Raises:
            SharedMemoryFull: there is not so much room.
        """
        fd = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(fd, 0, size)
            return cls(fd)
        except OSError as error:
            os.close(fd)
            if error.errno not in {errno.ENOSPC, errno.ENOMEM, errno.EFBIG}:
                raise
            raise _full(size, what, folder) from error

    @property
    def memory(self) -> mmap.mmap:
        """The mapped bytes.

        Raises:
            ValueError: the segment is closed.
        """
        if self._memory is None:
            raise ValueError("the segment is closed")
        return self._memory

    def close(self) -> None:
        """Let go of it. Arrays that still look into it keep the memory mapped until they go too."""
        if self._memory is None:
            return
        memory, self._memory = self._memory, None
        os.close(self.fd)
        try:
            memory.close()
        except BufferError:  # an array still looks into it: the garbage collector unmaps it after that
            return

    def locked(self, timeout_s: float | None = None) -> _Held:
        """Alone with the memory: no other process is inside its own ``with`` block over this.

        A POSIX record lock, which the kernel releases when its owner dies, unlike a semaphore. It does not keep
        threads of one process apart: one thread a process may use it.

        Args:
            timeout_s: how long to wait for the other side; for ever when absent.

        Returns:
            To be entered at once; entering raises LockUnavailable where the other side holds it for longer.
        """
        return _Held(self, timeout_s)

    def lock(self, timeout_s: float | None) -> None:
        """As :meth:`locked`; :meth:`unlock` must follow.

        Raises:
            LockUnavailable: the other side holds it for longer.
        """
        if timeout_s is None:
            fcntl.lockf(self.fd, fcntl.LOCK_EX, 1, 0)
            return
        given_up_at = time.monotonic() + timeout_s
        while True:
            try:
                fcntl.lockf(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 0)
            except OSError as error:
                if error.errno not in {errno.EACCES, errno.EAGAIN}:
                    raise
                if time.monotonic() >= given_up_at:
                    raise LockUnavailable from error
                time.sleep(_LOCK_POLL_S)
            else:
                return

    def unlock(self) -> None:
        """Let others at the memory."""
        fcntl.lockf(self.fd, fcntl.LOCK_UN, 1, 0)


def _full(size: int, what: str, folder: Path) -> SharedMemoryFull:
    room = os.statvfs(folder)
    total, free = room.f_frsize * room.f_blocks, room.f_frsize * room.f_bavail
    needed = total - free + size
    return SharedMemoryFull(
        f"{folder} has {free // _MIB} of {total // _MIB} MiB left, and {what} needs {-(-size // _MIB)} MiB: "
        f"make it at least {-(-needed // _MIB)} MiB (mount -o remount,size={-(-needed // _MIB)}m {folder}; "
        "with Docker --shm-size)"
    )
