"""Fixtures that stand for what a machine may lack: real data, downloaded weights.

What is absent skips a local run, with the reason, and fails in CI.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.errors import WeightsUnavailable
from models.weights import resolve
from tests.absent import absent
from tests.loopback import Loopback, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of the evaluation data."""
    named = os.environ.get("SITEWATCH_DATA")
    if not named:
        absent("SITEWATCH_DATA does not name the folder of the evaluation data")
    folder = Path(named).resolve()
    if not folder.is_dir():
        absent(f"SITEWATCH_DATA names {folder}, which is no folder")
    return folder


@pytest.fixture(scope="session")
def tiny_weights() -> Path:
    """The weights of yolov3-tiny, from the user cache or fetched into it."""
    try:
        return resolve("yolov3-tiny")
    except WeightsUnavailable as error:
        absent(f"the weights of yolov3-tiny cannot be had: {error}")


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """An HTTP server on this machine that can be told to misbehave."""
    with running() as server:
        yield server


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of Sitewatch."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("SITEWATCH_CACHE", str(folder))
    return folder
