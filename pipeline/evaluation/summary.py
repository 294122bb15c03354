"""Scores as plain values for JSON, and as a table to read."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.evaluation.alignment import Benchmark
    from pipeline.evaluation.detection import DetectionEvaluation
    from pipeline.evaluation.scores import Interval, TrackingScores
    from pipeline.evaluation.tracking import BenchmarkScores

FIELD_WORDS = {
    "hota": "HOTA",
    "deta": "DetA",
    "assa": "AssA",
    "mota": "MOTA",
    "idf1": "IDF1",
    "recall": "Recall",
    "precision": "Precision",
    "identity_switches": "IDSW",
    "false_positives": "FP",
    "misses": "FN",
    "fragmentations": "Frag",
    "mostly_tracked": "MT",
    "mostly_lost": "ML",
    "persons": "Persons",
    "frames": "Frames",
    "ap": "AP",
    "ap50": "AP50",
    "ap75": "AP75",
    "ar100": "AR100",
    "best_f1": "Best F1",
    "best_f1_confidence": "at confidence",
}
"""How the field writes the names of the scores."""
_TRACKING_COLUMNS = tuple(FIELD_WORDS)[: list(FIELD_WORDS).index("ap")]
_DETECTION_COLUMNS = tuple(FIELD_WORDS)[list(FIELD_WORDS).index("ap") :]


def tracking_summary(evaluated: Mapping[Benchmark, BenchmarkScores]) -> dict[str, Any]:
    """What ``--out`` and ``--format json`` hold for tracking."""
    return {
        "kind": "tracking",
        "benchmarks": {
            str(benchmark): {
                "combined": asdict(scores.combined),
                "intervals": _plain(scores.intervals),
                "sequences": {name: asdict(sequence) for name, sequence in scores.sequences.items()},
            }
            for benchmark, scores in evaluated.items()
        },
    }


def detection_summary(evaluated: DetectionEvaluation) -> dict[str, Any]:
    """What ``--out`` and ``--format json`` hold for detection."""
    return {
        "kind": "detection",
        "scores": asdict(evaluated.scores),
        "intervals": _plain(evaluated.intervals),
        "images": evaluated.images,
        "predictions": evaluated.predictions,
        "ignored": evaluated.ignored,
    }


def tracking_table(evaluated: Mapping[Benchmark, BenchmarkScores]) -> str:
    """One block a benchmark: sequences, all of them together, and the ends of the intervals."""
    blocks = []
    for benchmark, scores in evaluated.items():
        rows = [_row(name, sequence) for name, sequence in scores.sequences.items()]
        if len(rows) > 1:
            rows.append(_row("combined", scores.combined))
        rows += _interval_rows(scores.intervals, _TRACKING_COLUMNS)
        blocks.append(_aligned([[str(benchmark), *(FIELD_WORDS[name] for name in _TRACKING_COLUMNS)], *rows]))
    return "\n\n".join(blocks)


def detection_table(evaluated: DetectionEvaluation) -> str:
    """One row of scores and the ends of the intervals."""
    scores = asdict(evaluated.scores)
    label = f"{evaluated.images} images, {scores['persons']} persons, {evaluated.predictions} boxes"
    rows = [[label, *(f"{scores[name]:.2f}" for name in _DETECTION_COLUMNS)]]
    rows += _interval_rows(evaluated.intervals, _DETECTION_COLUMNS)
    table = _aligned([["", *(FIELD_WORDS[name] for name in _DETECTION_COLUMNS)], *rows])
    if evaluated.ignored:
        table += f"\nLeft out, of images that are not in the set: {evaluated.ignored}"
    return table


def _plain(intervals: Mapping[str, Interval]) -> dict[str, list[float]]:
    return {name: [interval.low, interval.high] for name, interval in intervals.items()}


def _row(name: str, scores: TrackingScores) -> list[str]:
    values = asdict(scores)
    return [name, *(_written(values[column]) for column in _TRACKING_COLUMNS)]


def _interval_rows(intervals: Mapping[str, Interval], columns: Sequence[str]) -> list[list[str]]:
    if not intervals:
        return []
    return [
        [label, *(f"{getattr(intervals[name], end):.2f}" if name in intervals else "" for name in columns)]
        for label, end in (("95 % from", "low"), ("95 % to", "high"))
    ]


def _written(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0]), *(c.rjust(w) for c, w in zip(others, widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
