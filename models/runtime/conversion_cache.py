"""Converted networks on disk: whole or not there, and only the latest used."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from models.weights.cache import cache_dir

if TYPE_CHECKING:
    import openvino

_log = logging.getLogger(__name__)

MAX_NETWORKS = 16
"""Networks that are kept: one for each combination of weights and input size, of 35 MB (yolov3-tiny) to 250 MB (yolov3)."""


def kept_network(key: str) -> Path | None:
    """The description of a kept network, which counts as used by this; None if it is not kept.

    Another process may drop it at any moment: a reader is prepared for that.

    Args:
        key: what the network was converted from, and by what.
    """
    description = _folder(key) / "network.xml"
    if not description.is_file():
        return None
    with contextlib.suppress(OSError):  # a cache that may only be read, or the network was just dropped
        os.utime(description.parent)
    return description


def keep_network(key: str, model: openvino.Model) -> None:
    """Keep a network, and drop those not used for longest; a cache that cannot be written is no obstacle.

    Several processes may do so at once: each network appears and disappears as a whole.
    """
    import openvino

    folder = _folder(key)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            openvino.save_model(model, Path(scratch) / "ir" / "network.xml", compress_to_fp16=False)
            if folder.exists():  # damaged, or of a process that was faster
                _drop(folder)
            (Path(scratch) / "ir").rename(folder)
        _drop_all_but_the_latest(folder.parent)
    except (OSError, RuntimeError) as error:  # OpenVINO knows no narrower one
        _log.info("the converted network is not kept in %s: %s", folder, error)


def _folder(key: str) -> Path:
    return cache_dir() / "openvino" / hashlib.sha256(key.encode()).hexdigest()


def _drop_all_but_the_latest(cache: Path) -> None:
    """By time of last use; what a killed process has left half-written ages like everything else."""
    used = {}
    for entry in cache.iterdir():
        with contextlib.suppress(FileNotFoundError):  # dropped by another process
            used[entry] = entry.stat().st_mtime_ns
    for entry in sorted(used, key=used.__getitem__, reverse=True)[MAX_NETWORKS:]:
        _drop(entry)


def _drop(entry: Path) -> None:
    """Out of the way by one rename first: nobody ever sees half a network."""
    with (
        tempfile.TemporaryDirectory(dir=entry.parent, ignore_cleanup_errors=True) as scratch,
        contextlib.suppress(OSError),  # another process was faster
    ):
        entry.rename(Path(scratch) / entry.name)
