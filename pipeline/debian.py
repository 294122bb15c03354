"""A file inside a Debian package, had without root and without installing anything."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.weights.archives import extract_from_tar
from models.weights.files import PlaceFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.weights.files import RemoteFile
    from models.weights.progress import Progress

_COMMAND_TIMEOUT_S = 600.0
_CONNECTION = (
    "-o",
    "Acquire::Retries=1",
    "-o",
    "Acquire::http::Timeout=10",
    "-o",
    "Acquire::https::Timeout=10",
)


@dataclass(frozen=True, slots=True)
class DebianPackage:
    """A member of a package that the machine's own apt sources offer.

    Attributes:
        package: its name.
        member: path of the wanted file, starting with ``./``.
    """

    package: str
    member: str

    def __str__(self) -> str:
        return f"{self.member.removeprefix('.')} in the Debian package {self.package}"

    def fetch(self, file: RemoteFile, scratch: Path, progress: Progress) -> Path:
        """Download the package and copy the member out of it.

        A fresh machine has no package lists and a user may not write any: lists of our own are fetched then.
        """
        if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
            raise PlaceFailed("this machine has no apt-get and dpkg-deb")
        progress.note(f"fetching the Debian package {self.package}")
        with tempfile.TemporaryDirectory(dir=scratch.parent, prefix=".apt-") as name:
            folder = Path(name)
            try:
                _run(["apt-get", *_CONNECTION, "download", self.package], folder)
            except PlaceFailed:
                self._download_with_own_lists(folder)
            archive = next(folder.glob("*.deb"), None)
            if archive is None:
                raise PlaceFailed(f"apt-get download left no package {self.package}")
            return self._extract(archive, file, scratch)

    def _download_with_own_lists(self, folder: Path) -> None:
        lists, cache = folder / "lists", folder / "cache"
        (lists / "partial").mkdir(parents=True)
        (cache / "archives" / "partial").mkdir(parents=True)
        options = (*_CONNECTION, "-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={cache}")
        _run(["apt-get", *options, "update"], folder)
        _run(["apt-get", *options, "download", self.package], folder)

    def _extract(self, archive: Path, file: RemoteFile, scratch: Path) -> Path:
        copy = scratch / f"{file.name}.deb-member"
        command = ["dpkg-deb", "--fsys-tarfile", str(archive)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as unpacking:  # noqa: S603
            if unpacking.stdout is None:
                raise PlaceFailed("dpkg-deb gives no output")
            try:
                extract_from_tar(unpacking.stdout, self.member, copy, file.size_bytes)
            finally:
                unpacking.kill()  # what follows the member in the package is of no interest
        return copy


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603  # fixed commands, with our own folders as arguments
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=_COMMAND_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        raise PlaceFailed(f"{command[0]} gave no result within {_COMMAND_TIMEOUT_S:.0f} s") from None
    if done.returncode:
        complaints = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        raise PlaceFailed(
            complaints[0] if complaints else f"{command[0]} ended with status {done.returncode}"
        )
