"""A place for networks with random weights: hundreds of megabytes that must not outlive their test."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is gone after the test, with the cache of converted networks in it."""
    with TemporaryDirectory(prefix="sitewatch-") as folder:
        monkeypatch.setenv("SITEWATCH_CACHE", str(Path(folder) / "cache"))
        yield Path(folder)
