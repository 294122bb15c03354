"""Fixtures that stand for what a machine may lack: real data, downloaded weights.

What is absent skips a local run, with the reason, and fails in CI.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

from config.errors import WeightsUnavailable
from models.weights import resolve


def _absent(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; CI may not skip this", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of the evaluation data."""
    named = os.environ.get("SITEWATCH_DATA")
    if not named:
        _absent("SITEWATCH_DATA does not name the folder of the evaluation data")
    folder = Path(named).resolve()
    if not folder.is_dir():
        _absent(f"SITEWATCH_DATA names {folder}, which is no folder")
    return folder


@pytest.fixture(scope="session")
def tiny_weights() -> Path:
    """The weights of yolov3-tiny, from the user cache or fetched into it."""
    try:
        return resolve("yolov3-tiny")
    except WeightsUnavailable as error:
        _absent(f"the weights of yolov3-tiny cannot be had: {error}")
