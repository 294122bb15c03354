"""File systems in memory that are soon full."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tests.absent import absent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of so much room at a folder, until the block ends; only root may have one."""
    if os.geteuid() != 0:
        absent("only root may mount a small disk")
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        absent(f"mounting is not allowed here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)  # also when a test failed with files open


def fill(disk: Path) -> Path:
    """Let others take all the room on a disk; returns the file to remove."""
    theirs = disk / "theirs"
    with theirs.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return theirs
