"""Without TrackEval or pycocotools the error names the command that installs it."""

from __future__ import annotations

import sys

import pytest

from config.errors import EvaluationUnavailable
from pipeline.evaluation.boxes import Box
from pipeline.evaluation.detection import score_boxes
from pipeline.evaluation.metrics import trackeval_metrics
from pipeline.evaluation.tracking import evaluate_sequence
from tests.disturbed_tracks import random_truth


def test_without_trackeval(monkeypatch: pytest.MonkeyPatch) -> None:
    trackeval_metrics.cache_clear()
    monkeypatch.setitem(sys.modules, "trackeval.metrics", None)
    truth = random_truth(0)
    with pytest.raises(EvaluationUnavailable, match=r"pip install --no-deps trackeval==1\.3\.0"):
        evaluate_sequence(truth, truth)


def test_without_pycocotools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycocotools.coco", None)
    label = Box("a.jpg", (0.0, 0.0, 9.0, 9.0))
    with pytest.raises(EvaluationUnavailable, match="pip install pycocotools"):
        score_boxes([label], [label], ["a.jpg"])


def test_scoring_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    truth, label = random_truth(0), Box("a.jpg", (0.0, 0.0, 9.0, 9.0))
    evaluate_sequence(truth, truth)
    score_boxes([label], [label], ["a.jpg"], draws=2)
    assert capsys.readouterr() == ("", "")
