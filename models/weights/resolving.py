"""From a network's name to a verified file on this machine."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from config.errors import UnknownNetwork, WeightsCorrupt, WeightsUnavailable

_FILES = {"yolov3-tiny": ("yolov3-tiny.weights", "dccea06f59b781ec1234ddf8d1e94b9519a97f4245748a7d4db75d5b7080a42c")}


def resolve(name: str) -> Path:
    """Path of the verified weights of a network, fetched first when they are not in the cache.

    Raises:
        UnknownNetwork: the catalogue does not hold the name.
        WeightsUnavailable: no place that has the file could be reached.
        WeightsCorrupt: the cached file is not the one in the catalogue.
    """
    import platformdirs

    if name not in _FILES:
        raise UnknownNetwork(f"no network called {name!r}; `sitewatch weights list` names them")
    file_name, sha256 = _FILES[name]
    cache = Path(os.environ.get("SITEWATCH_CACHE") or platformdirs.user_cache_dir("sitewatch"))
    path = cache / "weights" / file_name
    if not path.exists():
        raise WeightsUnavailable(f"no weights at {path}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise WeightsCorrupt(f"{path} is damaged")
    return path
