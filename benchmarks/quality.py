"""Scores on real footage: the sample end to end, and tracking of public detections on MOT15 and MOT17.

``SITEWATCH_DATA`` names the evaluation data. Both are the commands that a user would call, with default settings.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.machine import describe

_SITEWATCH = str(Path(sys.executable).with_name("sitewatch"))
_MUSTS = {
    "vtest": {"hota": 51.0, "mota": 74.0, "idf1": 68.0},
    "MOT15": {"hota": 41.5, "idf1": 54.0},
    "MOT17": {"hota": 54.0, "idf1": 63.0},
}


def main() -> None:
    """Print the scores beside what they must reach."""
    data = Path(os.environ["SITEWATCH_DATA"]).resolve()
    print(describe())
    with tempfile.TemporaryDirectory() as folder:
        evaluation, seconds = _replay(data, Path(folder))
        for look in ("online", "second look"):
            print(_line(f"vtest end to end, {look}", evaluation[look], _MUSTS["vtest"]))
        print(f"  {seconds:.1f} s with annotated video and report (must be <= 90 s)")
        for benchmark in ("MOT15", "MOT17"):
            for look, options in (("online", []), ("second look", ["--second-look"])):
                scores = _track(data / "mot" / benchmark, Path(folder) / benchmark, *options)
                musts = _MUSTS[benchmark] if look == "online" else {}
                print(_line(f"{benchmark} public detections, {look}", scores, musts))


def _replay(data: Path, folder: Path) -> tuple[dict[str, Any], float]:
    _sitewatch(
        "replay",
        data / "footage/vtest.avi",
        "--ground-truth",
        data / "mot/MOT15/PETS09-S2L1",
        "--out",
        folder / "vtest",
    )
    summary = json.loads((folder / "vtest/summary.json").read_text(encoding="utf-8"))
    return summary["cameras"]["vtest"]["evaluation"], summary["run_metadata"]["wall_s"]


def _track(benchmark: Path, results: Path, *options: str) -> dict[str, Any]:
    sequences = sorted(path for path in benchmark.iterdir() if path.is_dir())
    _sitewatch("track", *sequences, "--out", results, *options)
    printed = _sitewatch("evaluate", "tracking", results, "--ground-truth", benchmark, "--format", "json")
    scores: dict[str, Any] = json.loads(printed)["benchmarks"][benchmark.name]["combined"]
    return scores


def _sitewatch(*arguments: str | Path) -> str:
    done = subprocess.run([_SITEWATCH, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def _line(name: str, scores: dict[str, Any], musts: dict[str, float]) -> str:
    figures = "  ".join(
        f"{metric.upper()} {scores[metric]:.2f}" + (f" (must {musts[metric]})" if metric in musts else "")
        for metric in ("hota", "mota", "idf1")
    )
    return f"{name}: {figures}  IDSW {scores['identity_switches']}"


if __name__ == "__main__":
    main()
