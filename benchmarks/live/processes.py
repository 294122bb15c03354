"""What the processes of a daemon use, as the kernel counts it: CPU seconds of all their threads, and memory."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.daemons import READER, WORKER, children_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_TICKS_S = 1 / os.sysconf("SC_CLK_TCK")
_KIB_PER_MIB = 1024
_ROLES = {READER: "reader", WORKER: "worker"}


class ProcessReplaced(RuntimeError):
    """A process ended while it was measured, and what it had used is lost."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process, MiB.

    Attributes:
        rss: resident, shared pages included.
        pss: resident, of shared pages only its part: it depends on who else shares them.
    """

    rss: float
    pss: float


def roles(daemon: int) -> dict[int, str]:
    """Process ids of a daemon and its children, and what each is: daemon, reader or worker."""
    children = children_of(daemon)
    return {daemon: "daemon"} | {pid: _ROLES[module] for pid, module in children.items() if module in _ROLES}


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used, in user and kernel mode, by all its threads, those that ended too."""
    return cpu_of_stat(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace"))


def cpu_of_stat(stat: str) -> float:
    """CPU seconds in a line of ``/proc/PID/stat``: the name of the process may hold spaces and brackets."""
    fields = stat[stat.rindex(")") + 2 :].split()
    return (int(fields[11]) + int(fields[12])) * _TICKS_S  # utime, stime: proc(5), fields 14 and 15


def cpu_of_all(daemon: int) -> dict[int, float]:
    """CPU seconds of a daemon and its children, by process id."""
    return {pid: cpu_s(pid) for pid in roles(daemon)}


def spent(
    names: Mapping[int, str], before: Mapping[int, float], after: Mapping[int, float]
) -> dict[str, float]:
    """CPU seconds between two looks, by role.

    Raises:
        ProcessReplaced: the processes of the two looks are not the same.
    """
    if before.keys() != after.keys():
        raise ProcessReplaced(
            f"processes {sorted(before.keys() ^ after.keys())} began or ended meanwhile: see the daemon's log"
        )
    total: dict[str, float] = defaultdict(float)
    for pid, used_s in after.items():
        total[names[pid]] += used_s - before[pid]
    return dict(total)


def memory(pid: int) -> Memory:
    """What a process holds."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]
    kib = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
    return Memory(kib["Rss"] / _KIB_PER_MIB, kib["Pss"] / _KIB_PER_MIB)
