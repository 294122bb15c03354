"""Scores of tracks against ground truth: one sequence in memory, or folders of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from config.errors import MalformedInput
from pipeline.evaluation.alignment import Benchmark, align
from pipeline.evaluation.bootstrap import intervals
from pipeline.evaluation.located import errors_of_alignment
from pipeline.evaluation.metrics import combined_scores, sequence_scores, sequence_statistics
from pipeline.evaluation.sequences import chosen, find_results, find_truth, first_fault, read_checked

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from pipeline.evaluation.alignment import AlignedSequence
    from pipeline.evaluation.metrics import SequenceStatistics
    from pipeline.evaluation.scores import Interval, LocatedErrors, TrackingScores
    from pipeline.evaluation.sequences import TruthSequence
    from pipeline.motchallenge import MotTable

INTERVAL_METRICS = ("hota", "deta", "assa", "mota", "idf1")
"""Scores of tracking that get a confidence interval."""
_DRAWS = 2000  # the third digit of an interval's ends does not move any more


@dataclass(frozen=True, slots=True)
class BenchmarkScores:
    """All sequences of one benchmark.

    Attributes:
        sequences: name → scores of that sequence.
        combined: scores over all of them, from counts.
        intervals: score → 95 % interval over sequences; empty for fewer than three.
    """

    sequences: Mapping[str, TrackingScores]
    combined: TrackingScores
    intervals: Mapping[str, Interval]


def evaluate_sequence(
    results: MotTable,
    ground_truth: MotTable,
    *,
    benchmark: Benchmark = Benchmark.MOT17,
    length: int | None = None,
) -> TrackingScores:
    """Scores of one sequence.

    Args:
        results: what the tracker says; frame n is the picture of index n - 1.
        ground_truth: who is where.
        benchmark: whose rules apply. Those of MOT17 are right for MOT15 too: without a class column all are persons.
        length: frames of the sequence; None for the last frame that either table names.

    Raises:
        EvaluationUnavailable: TrackEval is not installed.
        MalformedInput: a box that is not finite, an id twice in a frame, or a frame beyond ``length``.
    """
    return sequence_scores(sequence_statistics(_aligned(results, ground_truth, benchmark, length)))


def locate_errors(
    results: MotTable,
    ground_truth: MotTable,
    *,
    benchmark: Benchmark = Benchmark.MOT17,
    length: int | None = None,
) -> LocatedErrors:
    """Every miss, false positive and identity switch of one sequence; arguments as :func:`evaluate_sequence`.

    Raises:
        MalformedInput: as :func:`evaluate_sequence`.
    """
    return errors_of_alignment(_aligned(results, ground_truth, benchmark, length), results, ground_truth)


def evaluate_tracking(
    results: Path,
    ground_truth: Path,
    *,
    only: Collection[str] = (),
    benchmark: Benchmark | None = None,
    draws: int = _DRAWS,
) -> Mapping[Benchmark, BenchmarkScores]:
    """Scores of files of results, sequence by sequence and combined within each benchmark.

    Args:
        results: a folder of ``<sequence>.txt``, or one file.
        ground_truth: a ``gt.txt``, a sequence folder, or folders of them at any depth.
        only: names of the sequences to score; empty for all.
        benchmark: whose rules apply; None takes it from the folders.
        draws: how many times the sequences are drawn again for the intervals.

    Raises:
        InputNotFound: ground truth or the results of a sequence are missing.
        InputEmpty: a ground truth without a row.
        MalformedInput: a table that cannot be scored; the message names file and line.
        EvaluationUnavailable: TrackEval is not installed.
    """
    sequences = chosen(find_truth(ground_truth, benchmark), only)
    files = find_results(results, sequences)
    grouped: dict[Benchmark, dict[str, SequenceStatistics]] = {}
    for sequence in sequences:
        statistics = _file_statistics(files[sequence.name], sequence)
        grouped.setdefault(sequence.benchmark, {})[sequence.name] = statistics
    return {name: _benchmark_scores(group, draws) for name, group in grouped.items()}


def _benchmark_scores(group: Mapping[str, SequenceStatistics], draws: int) -> BenchmarkScores:
    units = list(group.values())
    return BenchmarkScores(
        sequences={name: sequence_scores(statistics) for name, statistics in group.items()},
        combined=combined_scores(units),
        intervals=intervals(units, combined_scores, INTERVAL_METRICS, draws),
    )


def _file_statistics(file: Path, sequence: TruthSequence) -> SequenceStatistics:
    read = partial(read_checked, length=sequence.length)
    truth, results = read(sequence.path, "ground truth"), read(file, "results")
    length = sequence.length or _last_frame(truth, results)
    return sequence_statistics(align(results, truth, sequence.benchmark, length))


def _aligned(
    results: MotTable, ground_truth: MotTable, benchmark: Benchmark, length: int | None
) -> AlignedSequence:
    for role, table in (("results", results), ("ground truth", ground_truth)):
        fault = first_fault(table, length)
        if fault is not None:
            raise MalformedInput(f"{role}, row {fault[0]}: {fault[1]}")
    return align(results, ground_truth, benchmark, length or _last_frame(results, ground_truth))


def _last_frame(*tables: MotTable) -> int:
    return max((int(table.frame.max()) for table in tables if len(table)), default=0)
