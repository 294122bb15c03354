"""The gate opens for equal and better scores and shuts, naming each score, for worse ones."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from config.errors import InputNotFound, MalformedInput, RegressionDetected
from pipeline.evaluation.regression import check_against_baseline, read_baseline

if TYPE_CHECKING:
    from pathlib import Path

TRACKING: dict[str, Any] = {
    "kind": "tracking",
    "benchmarks": {
        "MOT15": {"combined": {"hota": 50.0, "mota": 70.0, "idf1": 60.0}, "sequences": {"A": {}, "B": {}}}
    },
}
DETECTION: dict[str, Any] = {
    "kind": "detection",
    "scores": {"ap": 30.0, "ap50": 70.0, "ar100": 40.0, "persons": 9},
    "images": 4,
}


def worse(summary: dict[str, Any], by: float) -> dict[str, Any]:
    changed = copy.deepcopy(summary)
    scores = changed["benchmarks"]["MOT15"]["combined"] if "benchmarks" in changed else changed["scores"]
    scores["mota" if "mota" in scores else "ap50"] -= by
    return changed


@pytest.mark.parametrize("summary", [TRACKING, DETECTION])
def test_equal_better_and_a_little_worse_pass(summary: dict[str, Any]) -> None:
    check_against_baseline(summary, summary, 0.0, "base.json")
    check_against_baseline(worse(summary, -5), summary, 0.0, "base.json")
    check_against_baseline(worse(summary, 0.5), summary, 0.5, "base.json")


@pytest.mark.parametrize(
    ("summary", "named"), [(TRACKING, "MOT15 MOTA 70.00 → 69.00"), (DETECTION, "AP50 70.00 → 69.00")]
)
def test_worse_fails_and_names_score_baseline_and_now(summary: dict[str, Any], named: str) -> None:
    with pytest.raises(RegressionDetected, match=f"^{named}: more than 0.5 points below .*base.json"):
        check_against_baseline(worse(summary, 1), summary, 0.5, "base.json")


def test_a_score_that_is_no_number_fails() -> None:
    with pytest.raises(RegressionDetected):
        check_against_baseline(worse(TRACKING, float("nan")), TRACKING, 0.5, "base.json")


def test_a_baseline_of_something_else_is_refused() -> None:
    other = copy.deepcopy(TRACKING)
    del other["benchmarks"]["MOT15"]["sequences"]["B"]
    for baseline in (other, DETECTION, {"kind": "tracking"}, {"kind": "detection", "scores": {}}):
        with pytest.raises(MalformedInput, match=r"base\.json"):
            check_against_baseline(TRACKING, baseline, 0.0, "base.json")


def test_what_is_no_baseline_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "base.json"
    with pytest.raises(InputNotFound, match="cannot be read"):
        read_baseline(file)
    for text in ("{", "[]", '{"kind": "song"}'):
        file.write_text(text)
        with pytest.raises(MalformedInput, match="baseline"):
            read_baseline(file)
    file.write_text(json.dumps(TRACKING))
    assert read_baseline(file) == TRACKING
