"""How long ``sitewatch --help`` takes: the must is 0.3 s."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.machine import describe

_RUNS = 15


def main() -> None:
    """Print the median of fresh processes."""
    command = [str(Path(sys.executable).with_name("sitewatch")), "--help"]
    seconds = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - start)
    print(describe())
    print(
        f"sitewatch --help: median of {_RUNS} processes {statistics.median(seconds):.3f} s (must be < 0.3 s)"
    )


if __name__ == "__main__":
    main()
