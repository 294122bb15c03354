"""Replays with the stub detector, for tests: in this process, or as the command that an operator types."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from config.loading import load_settings
from pipeline.replay.interruption import StopRequest
from pipeline.replay.progress import SilentProgress
from pipeline.replay.request import ReplayRequest
from pipeline.replay.run import replay
from storage.engine import Access, open_database
from storage.repositories.runs import RunRepository
from tests.command import COMMAND
from tests.footage import BODY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.replay.progress import Progress
    from pipeline.replay.request import ReplayResult
    from storage.records import RunRecord

ROOT = Path(__file__).parents[1]


def replayed(
    recordings: Sequence[Path],
    out: Path,
    *overrides: str,
    ground_truth: Sequence[Path] = (),
    stop: StopRequest | None = None,
    progress: Progress | None = None,
) -> ReplayResult:
    """Replay with the stub detector and whatever ``overrides`` set."""
    settings = load_settings(overrides=("detector.name=stub", *overrides), environment={}).settings
    request = ReplayRequest(tuple(recordings), out, settings, tuple(ground_truth))
    return replay(request, stop=stop or StopRequest(), progress=progress or SilentProgress())


def only_run(database: Path) -> RunRecord:
    """The run of a database that holds one."""
    engine = open_database(database, access=Access.READ)
    try:
        (run,) = RunRepository(engine).list()
        return run
    finally:
        engine.dispose()


def write_truth(path: Path, frames: int, walkers: int = 2, width: int = 160) -> Path:
    """What the drawn walkers do; walkers that leave come back on the other side as somebody else."""
    lines = []
    for index in range(frames):
        for walker in range(walkers):
            way = 10 + 2 * index + 50 * walker
            span = width - BODY[0]
            number = 1 + walker + walkers * (way // span)
            lines.append(
                f"{index + 1},{number},{way % span},{5 + walker * (BODY[1] + 10)},{BODY[0]},{BODY[1]},1,1,1"
            )
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def start_command(
    *arguments: str | Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """``sitewatch replay`` with the stub detector, running."""
    return subprocess.Popen(
        [*COMMAND, "replay", "--set", "detector.name=stub", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
    )


def run_command(*arguments: str | Path) -> tuple[int, str, str]:
    """``sitewatch replay`` with the stub detector: exit status, stdout, stderr."""
    process = start_command(*arguments)
    stdout, stderr = process.communicate(timeout=120)
    return process.returncode, stdout, stderr
