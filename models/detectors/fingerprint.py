"""Which weights these are."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from config.errors import WeightsUnavailable

if TYPE_CHECKING:
    from pathlib import Path


def file_sha256(path: Path) -> str:
    """Hash of a weights file, which a run records.

    Raises:
        WeightsUnavailable: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsUnavailable(f"{path}: the weights cannot be read: {error.strerror}") from error
