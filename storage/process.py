"""Which process writes a run, and whether it still lives: a run whose process died is incomplete."""

from __future__ import annotations

import os
import platform
from pathlib import Path

_STARTED_FIELD = 21  # proc(5): field 22 of /proc/PID/stat, the start in clock ticks since boot


def host_name() -> str:
    """Name of this machine."""
    return platform.node()


def identity(pid: int | None = None) -> str:
    """Names a process so that a later one with the same number is not taken for it; empty for one that is gone.

    The process is this one, or the one of that number. Where there is no ``/proc`` the number is all there is.
    """
    pid = os.getpid() if pid is None else pid
    if not Path("/proc/self/stat").exists():
        return f"{pid}" if _runs(pid) else ""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat[stat.rindex(")") + 1 :].split()  # the name before the bracket may hold anything
    if fields[0] == "Z":
        return ""
    started = fields[_STARTED_FIELD - 2]
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    return f"{pid}/{started}/{boot}"


def is_alive(process: str) -> bool:
    """Whether the process that :func:`identity` named so on this machine still runs."""
    pid = process.partition("/")[0]
    return pid.isdecimal() and identity(int(pid)) == process


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
