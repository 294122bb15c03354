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
    try:
        with _member_stream(archive, member) as source, target.open("wb") as sink:
            copied = 0
            while chunk := source.read(_CHUNK_BYTES):
                copied += len(chunk)
                if copied > size_bytes:
                    raise PlaceFailed(f"{member} in {archive.name} is larger than {size_bytes:,} bytes")
                sink.write(chunk)
    except _DAMAGE as error:
        raise PlaceFailed(f"{archive.name} is damaged: {error}") from error


@contextmanager
def _member_stream(archive: Path, member: str) -> Iterator[IO[bytes]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            if member not in zipped.namelist():
                raise PlaceFailed(f"{archive.name} has no member {member}")
            with zipped.open(member) as stream:
                yield stream
        return
    with tarfile.open(archive, "r|*") as tar:  # a stream: stops at the member, never seeks
        for info in tar:
            if info.name == member:
                stream_or_none = tar.extractfile(info) if info.isreg() else None
                if stream_or_none is None:
                    raise PlaceFailed(f"{member} in {archive.name} is no regular file")
                yield stream_or_none
                return
    raise PlaceFailed(f"{archive.name} has no member {member}")
