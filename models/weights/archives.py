"""One member out of an archive, as bytes: nothing is imported, run, or unpacked anywhere else."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from models.weights.files import PlaceFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK_BYTES = 1 << 20
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)


def extract_member(archive: Path, member: str, target: Path, size_bytes: int) -> None:
    """Copy one regular file out of a zip or tar archive.

    The member's name only selects: the copy goes to ``target``, so no path in an archive can point elsewhere.

    Args:
        archive: wheel, zip or (compressed) tar.
        member: name within the archive.
        target: where its content goes.
        size_bytes: copying stops beyond this: an archive cannot fill the disk.

    Raises:
        PlaceFailed: a damaged archive, no such member, a member that is no regular file or is too large.
        OSError: ``target`` cannot be written.
    """
    with _damage_of(archive.name), _member_stream(archive, member) as source:
        _copy(source, target, size_bytes, f"{member} in {archive.name}")


def extract_from_tar(stream: IO[bytes], member: str, target: Path, size_bytes: int) -> None:
    """Copy one regular file out of an uncompressed tar that comes through a pipe; as :func:`extract_member`."""
    with (
        _damage_of(member),
        tarfile.open(fileobj=stream, mode="r|") as tar,
        _tar_stream(tar, member) as source,
    ):
        _copy(source, target, size_bytes, member)


def _copy(source: IO[bytes], target: Path, size_bytes: int, what: str) -> None:
    copied = 0
    with target.open("wb") as sink:
        while chunk := source.read(_CHUNK_BYTES):
            copied += len(chunk)
            if copied > size_bytes:
                raise PlaceFailed(f"{what} is larger than {size_bytes:,} bytes")
            sink.write(chunk)


@contextmanager
def _damage_of(name: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise PlaceFailed(f"{name} is damaged: {error}") from error


@contextmanager
def _member_stream(archive: Path, member: str) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(archive):
        with tarfile.open(archive, "r|*") as tar, _tar_stream(tar, member) as stream:
            yield stream
        return
    with zipfile.ZipFile(archive) as zipped:
        if member not in zipped.namelist():
            raise PlaceFailed(f"{archive.name} has no member {member}")
        with zipped.open(member) as stream:
            yield stream


@contextmanager
def _tar_stream(tar: tarfile.TarFile, member: str) -> Iterator[IO[bytes]]:
    """The member of a tar that is read once from front to back: what follows it is never unpacked."""
    for info in tar:
        if info.name == member:
            stream = tar.extractfile(info) if info.isreg() else None
            if stream is None:
                raise PlaceFailed(f"{member} is no regular file")
            yield stream
            return
    raise PlaceFailed(f"there is no member {member}")
