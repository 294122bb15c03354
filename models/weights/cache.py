"""Where fetched files are kept."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir() -> Path:
    """Folder of everything that can be fetched again: ``SITEWATCH_CACHE``, else the user's cache folder."""
    import platformdirs

    return Path(os.environ.get("SITEWATCH_CACHE") or platformdirs.user_cache_dir("sitewatch")).expanduser()


def weights_dir() -> Path:
    """Folder of the weights."""
    return cache_dir() / "weights"
