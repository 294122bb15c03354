"""A file at a public address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from models.weights.files import RemoteFile
    from models.weights.progress import Progress


@dataclass(frozen=True, slots=True)
class Url:
    """The file itself, at an HTTP address."""

    address: str

    def __str__(self) -> str:
        return self.address

    def fetch(self, file: RemoteFile, scratch: Path, progress: Progress) -> Path:
        """Download the file; a part from an earlier attempt is continued.

        A part may stem from a file that has changed since: if the continued whole is wrong, it is fetched once more.
        """
        from models.weights.http import download

        part = scratch / f"{hashlib.sha256(self.address.encode()).hexdigest()[:12]}-{file.name}.part"
        continued = part.exists()
        with progress.transfer(file.name, file.size_bytes) as on_bytes:
            download(self.address, part, file.size_bytes, on_bytes)
            if continued and file.fault(part):
                part.unlink()
                download(self.address, part, file.size_bytes, on_bytes)
        return part
