"""A file that can be fetched: what it is, to the byte, and the places that have it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from models.weights.progress import Progress


class PlaceFailed(Exception):
    """A place does not give the file; the message is what it said."""


class Place(Protocol):
    """Somewhere a file can be had from."""

    def __str__(self) -> str:
        """The place as the operator would look it up, without credentials."""
        ...

    def fetch(self, file: RemoteFile, scratch: Path, progress: Progress) -> Path:
        """Bring the file into the scratch folder, unverified.

        An interrupted transfer may leave its part in the scratch folder and continue from it next time.

        Raises:
            PlaceFailed: with what the place said.
            OSError: the scratch folder cannot be written.
        """
        ...


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of the catalogue.

    Attributes:
        name: its name in the cache.
        size_bytes: exact size.
        sha256: of the whole file, lower-case hexadecimal.
        places: tried in this order.
    """

    name: str
    size_bytes: int
    sha256: str
    places: tuple[Place, ...]

    def fault(self, path: Path) -> str | None:
        """What is wrong with a copy of this file: None if it is the file, byte for byte.

        Raises:
            OSError: the copy cannot be read.
        """
        size = path.stat().st_size
        if size != self.size_bytes:
            return f"has {size:,} bytes instead of {self.size_bytes:,}"
        digest = sha256_of(path)
        if digest != self.sha256:
            return f"has sha256 {digest} instead of {self.sha256}"
        return None


def sha256_of(path: Path) -> str:
    """Lower-case hexadecimal sha256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
