"""Names for the cameras of a replay: each recording is one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 64
_FALLBACK = "camera"


def camera_ids(paths: Sequence[Path]) -> list[str]:
    """A valid camera id for each recording, from its file name; equal names are numbered.

    Args:
        paths: files, or folders of images.
    """
    taken: set[str] = set()
    ids = []
    for path in paths:
        wanted = _valid(path)
        camera_id, number = wanted, 1
        while camera_id.casefold() in taken:  # folders of results may not tell upper from lower case
            number += 1
            suffix = f"-{number}"
            camera_id = f"{wanted[: _LONGEST - len(suffix)]}{suffix}"
        taken.add(camera_id.casefold())
        ids.append(camera_id)
    return ids


def _valid(path: Path) -> str:
    absolute = Path(path).absolute()
    name = absolute.name if absolute.is_dir() else absolute.stem
    valid = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).lstrip("_.-").rstrip("-.")
    return valid[:_LONGEST] or _FALLBACK
