"""The sitewatch command as users run it: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-m", "pipeline.cli.main"]
_TIME_LIMIT_S = 120


def sitewatch(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a command printed and ended with; ``variables`` are added to the environment."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIME_LIMIT_S,
    )
