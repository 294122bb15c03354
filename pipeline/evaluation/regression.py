"""The gate: scores may not fall below those of an earlier run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from config.errors import InputNotFound, MalformedInput, RegressionDetected
from pipeline.evaluation.summary import FIELD_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GATED = {"tracking": ("hota", "mota", "idf1"), "detection": ("ap", "ap50", "ar100")}
"""Which scores the gate looks at; each is better when higher."""
_ROUNDING = 1e-9


def read_baseline(path: Path) -> dict[str, Any]:
    """A summary that ``--out`` wrote.

    Raises:
        InputNotFound: no such file.
        MalformedInput: not such a summary.
    """
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputNotFound(f"{path}: the baseline cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise MalformedInput(f"{path}: the baseline is no JSON: {error}") from None
    if not isinstance(summary, dict) or summary.get("kind") not in GATED:
        raise MalformedInput(
            f"{path}: no baseline; write one with `sitewatch evaluate ... --out {path.name}`"
        )
    return summary


def check_against_baseline(
    now: Mapping[str, Any], baseline: Mapping[str, Any], allowed_fall: float, name: str
) -> None:
    """Compare a summary with an earlier one of the same sequences or images.

    Args:
        now: from ``tracking_summary`` or ``detection_summary``.
        baseline: the earlier one.
        allowed_fall: how many percentage points a score may fall.
        name: of the baseline, for messages.

    Raises:
        RegressionDetected: a score fell by more; the message names each, before and now.
        MalformedInput: the baseline is of other sequences or images, and says nothing about these.
    """
    try:
        before, scope_before = _gated(baseline)
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedInput(f"{name}: no baseline of this version: {error!r}") from None
    after, scope = _gated(now)
    if scope != scope_before:
        raise MalformedInput(f"{name}: the baseline was made on {scope_before}, this is {scope}")
    fallen = [
        f"{score} {before[score]:.2f} → {value:.2f}"
        for score, value in after.items()
        if not value >= before[score] - allowed_fall - _ROUNDING
    ]
    if fallen:
        how_far = f"more than {allowed_fall:g} points below" if allowed_fall else "below"
        raise RegressionDetected(f"{'; '.join(fallen)}: {how_far} the baseline {name}")


def _gated(summary: Mapping[str, Any]) -> tuple[dict[str, float], str]:
    """The scores that the gate looks at, and a description of what they were computed on."""
    if summary["kind"] == "tracking":
        benchmarks = summary["benchmarks"]
        scores = {
            f"{benchmark} {FIELD_WORDS[name]}": float(values["combined"][name])
            for benchmark, values in benchmarks.items()
            for name in GATED["tracking"]
        }
        return scores, "; ".join(f"{k}: {', '.join(sorted(v['sequences']))}" for k, v in benchmarks.items())
    scores = {FIELD_WORDS[name]: float(summary["scores"][name]) for name in GATED["detection"]}
    return scores, f"{summary['images']} images with {summary['scores']['persons']} persons"
