"""Scores of tracks equal TrackEval's own run of the MOTChallenge, to 1e-6."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation.alignment import Benchmark
from pipeline.evaluation.tracking import evaluate_tracking
from pipeline.motchallenge import read_table, write_results
from tests.disturbed_tracks import disturbed, random_truth
from tests.trackeval_oracle import COMBINED, official_scores, write_sequence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipeline.evaluation.scores import TrackingScores
    from pipeline.motchallenge import MotTable

TOLERANCE = 1e-6


def assert_equal_scores(ours: TrackingScores, official: Mapping[str, float], where: str) -> None:
    for name, value in official.items():
        assert getattr(ours, name) == pytest.approx(value, abs=TOLERANCE, rel=0), (where, name)


def assert_parity(
    folder: Path, root: Path, benchmark: Benchmark, sequences: Sequence[Path], seed: int
) -> None:
    results = folder / "results"
    results.mkdir(exist_ok=True)
    tables: dict[str, MotTable] = {}
    for sequence in sequences:
        write_results(
            results / f"{sequence.name}.txt", disturbed(read_table(sequence / "gt" / "gt.txt"), seed)
        )
        tables[sequence.name] = read_table(results / f"{sequence.name}.txt")
    official = official_scores(folder / "official", sequences, tables, benchmark)
    ours = evaluate_tracking(
        results, root, only=[sequence.name for sequence in sequences], benchmark=benchmark, draws=2
    )[benchmark]
    for sequence in sequences:
        assert_equal_scores(ours.sequences[sequence.name], official[sequence.name], sequence.name)
    assert_equal_scores(ours.combined, official[COMBINED], "combined")


@pytest.mark.data
@pytest.mark.parametrize(
    ("benchmark", "names"),
    [
        (Benchmark.MOT15, ["PETS09-S2L1", "ETH-Sunnyday", "KITTI-17"]),
        (Benchmark.MOT17, ["MOT17-09-FRCNN", "MOT17-11-FRCNN"]),
    ],
)
def test_real_sequences_score_as_trackeval_scores_them(
    benchmark: Benchmark, names: list[str], data_dir: Path, tmp_path: Path
) -> None:
    root = data_dir / "mot"
    assert_parity(tmp_path, root, benchmark, [root / benchmark / name for name in names], seed=1)


@pytest.mark.data
def test_benchmarks_are_taken_from_the_folders_and_not_mixed(data_dir: Path, tmp_path: Path) -> None:
    for name, benchmark in (("KITTI-17", "MOT15"), ("MOT17-09-FRCNN", "MOT17")):
        truth = read_table(data_dir / "mot" / benchmark / name / "gt" / "gt.txt")
        write_results(tmp_path / f"{name}.txt", disturbed(truth, 2))
    found = evaluate_tracking(tmp_path, data_dir / "mot", only=["KITTI-17", "MOT17-09-FRCNN"])
    assert {benchmark: list(scores.sequences) for benchmark, scores in found.items()} == {
        Benchmark.MOT15: ["KITTI-17"],
        Benchmark.MOT17: ["MOT17-09-FRCNN"],
    }


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), benchmark=st.sampled_from(Benchmark))
def test_the_rules_of_every_benchmark_are_trackevals(
    seed: int, benchmark: Benchmark, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("parity")
    classes = benchmark is not Benchmark.MOT15
    sequences = [
        write_sequence(
            folder / "truth" / f"S{number}",
            random_truth(seed + number, classes=classes),
            length=30,
            classes=classes,
        )
        for number in range(2)
    ]
    assert_parity(folder, folder / "truth", benchmark, sequences, seed)
