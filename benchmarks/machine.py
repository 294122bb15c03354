"""Where and with what a figure was measured: printed above every benchmark."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("numpy", "torch", "openvino", "av", "sqlalchemy")


def describe() -> str:
    """One line: processor, cores, Python and the versions that decide about speed."""
    versions = " ".join(f"{name} {version(name)}" for name in _PACKAGES)
    cores = len(os.sched_getaffinity(0))
    return f"{_processor()}, {cores} cores, Python {platform.python_version()}, {versions}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return platform.processor() or platform.machine()
    fields = dict(
        line.partition(":")[::2] for line in cpuinfo.read_text(encoding="utf-8").splitlines() if ":" in line
    )
    values = {name.strip(): value.strip() for name, value in fields.items()}
    flags = values.get("flags", "").split()
    widest = next((f for f in ("amx_bf16", "avx512_bf16", "avx512f", "avx2") if f in flags), "no AVX2")
    return f"{values.get('model name', platform.machine())} ({widest})"
