"""Tracking of public detections stays as good as it must be, with one setting for all sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.sections.tracker import TrackerSettings
from pipeline.evaluation.alignment import Benchmark
from pipeline.evaluation.tracking import evaluate_tracking
from pipeline.motchallenge import write_results
from pipeline.sequence_tracking import track_sequence

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.data
@pytest.mark.parametrize(("benchmark", "hota", "idf1"), [("MOT15", 41.5, 54.0), ("MOT17", 54.0, 63.0)])
def test_scores_reach_the_musts(
    data_dir: Path, tmp_path: Path, benchmark: str, hota: float, idf1: float
) -> None:
    root = data_dir / "mot" / benchmark
    for folder in sorted(root.iterdir()):
        write_results(tmp_path / f"{folder.name}.txt", track_sequence(folder, TrackerSettings()).rows)
    scores = evaluate_tracking(tmp_path, root)[Benchmark(benchmark)].combined
    assert scores.hota >= hota
    assert scores.idf1 >= idf1
