"""Memory of a daemon's processes at a tenth and at the end of a trial, and how much it grew between the two."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.live.figures import Figure
from benchmarks.live.processes import ProcessReplaced, memory, roles

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.live.processes import Memory

MUST_PERCENT = 2.0
_EVERY_S = 0.2
_LOOKS = 10
"""Memory breathes with the frames on their way: a figure is the median of so many looks in a row, of a short trial of a tenth."""


@dataclass
class Trial:
    """What was seen of each process as the trial went on: ``share``, from 0 to 1, and memory."""

    names: dict[int, str]
    looks: dict[int, list[tuple[float, Memory]]] = field(default_factory=lambda: defaultdict(list))

    def look(self, daemon: int, share: float) -> None:
        """Take down the memory of each process.

        Raises:
            ProcessReplaced: one of them has ended, or another begun.
        """
        if roles(daemon) != self.names:
            raise ProcessReplaced("a process ended while its memory was watched: see the daemon's log")
        for pid in self.names:
            self.looks[pid].append((share, memory(pid)))


def watch(daemon: int, share: Callable[[], float]) -> Trial:
    """Look on until ``share``, how much of the trial is over, comes to 1."""
    trial = Trial(roles(daemon))
    while (done := share()) < 1:
        trial.look(daemon, done)
        time.sleep(_EVERY_S)
    trial.look(daemon, 1.0)
    return trial


def at_share(looks: list[tuple[float, float]], share: float) -> float:
    """Median of the looks around a share of the trial, at its end of the last ones."""
    after = next((index for index, (done, _) in enumerate(looks) if done >= share), len(looks) - 1)
    width = max(1, min(_LOOKS, len(looks) // 10))
    start = min(after, len(looks) - width)
    return statistics.median(value for _, value in looks[start : start + width])


def percent(early: float, late: float) -> float:
    """By how much it grew."""
    return 100 * (late - early) / early


def figures(what: str, trial: Trial, how: str) -> list[Figure]:
    """A row for each process: growth of resident memory from 10 % to 100 % of the trial."""
    return [
        _figure(f"{what}, {name}, growth", trial.looks[pid], how) for pid, name in sorted(trial.names.items())
    ]


def _figure(what: str, looks: list[tuple[float, Memory]], how: str) -> Figure:
    rss = [at_share([(done, seen.rss) for done, seen in looks], share) for share in (0.1, 1.0)]
    pss = [at_share([(done, seen.pss) for done, seen in looks], share) for share in (0.1, 1.0)]
    note = f"RSS {rss[0]:.1f} to {rss[1]:.1f}, PSS {pss[0]:.1f} to {pss[1]:.1f} MiB; {how}"
    return Figure(what, percent(*rss), "%", MUST_PERCENT, note=note)
