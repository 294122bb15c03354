"""Which weights these are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import WeightsUnavailable
from models.weights.files import sha256_of

if TYPE_CHECKING:
    from pathlib import Path


def file_sha256(path: Path) -> str:
    """Hash of a weights file, which a run records.

    Raises:
        WeightsUnavailable: the file cannot be read.
    """
    try:
        return sha256_of(path)
    except OSError as error:
        raise WeightsUnavailable(f"{path}: the weights cannot be read: {error.strerror}") from error
