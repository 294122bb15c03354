"""Footage in place of cameras."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.footage import Footage

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of two people who walk, 10 frames/s."""
    return Footage(frames=100).write(tmp_path_factory.mktemp("live") / "walk.mp4")
