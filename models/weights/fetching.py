"""From an ordered list of places to a verified file, once, whatever else runs at the same time."""

from __future__ import annotations

import errno
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from config.errors import DiskFull, OutputError
from models.weights.files import PlaceFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from models.weights.files import RemoteFile
    from models.weights.progress import Progress

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_LOCK_NOTICE_S = 1.0


class NoPlaceHasIt(Exception):
    """No place gave the file; ``answers`` holds what each one said."""

    def __init__(self, file: RemoteFile, answers: list[str]) -> None:
        super().__init__(f"no place gave {file.name}")
        self.file = file
        self.answers = answers


def fetch_all(files: Sequence[RemoteFile], folder: Path, progress: Progress) -> list[Path]:
    """Bring files into a folder: those that are there and right stay, all others are fetched and verified.

    Each file appears whole or not at all. Processes that fetch into the same folder wait for each other.

    Returns:
        The paths, in the order of ``files``.

    Raises:
        NoPlaceHasIt: for the first file that no place gives.
        DiskFull: no space for it.
        OutputError: the folder cannot be written.
    """
    with _writing(folder), _exclusive(folder, progress):
        scratch = folder / ".partial"
        scratch.mkdir(exist_ok=True)
        try:
            return [_fetched(file, folder / file.name, scratch, progress) for file in files]
        finally:
            _sweep(scratch)


def _fetched(file: RemoteFile, target: Path, scratch: Path, progress: Progress) -> Path:
    if target.is_file() and file.fault(target) is None:
        return target
    free = shutil.disk_usage(scratch).free
    if free < file.size_bytes:
        raise DiskFull(
            f"{file.name} needs {file.size_bytes:,} bytes, {scratch.parent} has {free:,}; free some space"
        )
    answers = []
    for place in file.places:
        try:
            copy = place.fetch(file, scratch, progress)
        except PlaceFailed as failure:
            answers.append(f"{place}: {failure}")
            continue
        fault = file.fault(copy)
        if fault is None:
            copy.replace(target)
            for part in scratch.glob(f"*-{file.name}.part"):  # of places that broke off
                part.unlink()
            return target
        copy.unlink()
        answers.append(f"{place}: the file {fault}")
    raise NoPlaceHasIt(file, answers)


@contextmanager
def _exclusive(folder: Path, progress: Progress) -> Iterator[None]:
    """One process at a time; the lock falls with the process that holds it, however it ends."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=_LOCK_NOTICE_S)
    except Timeout:
        progress.note(f"another process is fetching into {folder}; waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise DiskFull(
                f"no space left in {folder}; free some, or name another folder in SITEWATCH_CACHE"
            ) from error
        raise OutputError(
            f"cannot write into {folder}: {error.strerror or error}; name another folder in SITEWATCH_CACHE"
        ) from error


def _sweep(scratch: Path) -> None:
    """Drop whole archives and members; parts stay, so that the next attempt goes on from them."""
    for leftover in scratch.iterdir():
        if leftover.suffix != ".part":
            leftover.unlink()
