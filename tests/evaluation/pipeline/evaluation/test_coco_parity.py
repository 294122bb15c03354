"""Scores of boxes equal pycocotools' own run over files, to 1e-6."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from pipeline.evaluation.boxes import Box, read_labels
from pipeline.evaluation.detection import evaluate_detection, score_boxes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.evaluation.scores import DetectionScores


def official_scores(predicted: Sequence[Box], labels: Sequence[Box], names: Sequence[str]) -> list[float]:
    """AP, AP50, AP75 and AR100 as ``COCOeval.summarize`` gives them with its default parameters."""
    number = {name: position for position, name in enumerate(names, 1)}
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": position} for position in number.values()],
        "categories": [{"id": 1, "name": "person"}],
        "annotations": [
            {
                "id": position,
                "image_id": number[label.image],
                "category_id": 1,
                "iscrowd": 0,
                "bbox": list(label.ltwh),
                "area": label.ltwh[2] * label.ltwh[3],
            }
            for position, label in enumerate(labels, 1)
        ],
    }
    results = [
        {
            "image_id": number[box.image],
            "category_id": 1,
            "bbox": list(box.ltwh),
            "score": box.confidence,
        }
        for box in predicted
    ]
    with redirect_stdout(io.StringIO()):
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return [100 * float(evaluation.stats[index]) for index in (0, 1, 2, 8)]


def perturbed(labels: Sequence[Box], seed: int) -> list[Box]:
    """Labels with boxes missing, shaken, doubled and invented, and scores with ties."""
    generator = np.random.default_rng(seed)
    boxes = []
    for label in labels:
        left, top, width, height = label.ltwh
        for _ in range(int(generator.integers(0, 3))):
            shake = generator.normal(0, 0.08, 4) * (width, height, width, height)
            box = (left + shake[0], top + shake[1], max(width + shake[2], 1.0), max(height + shake[3], 1.0))
            boxes.append(Box(label.image, box, round(float(generator.random()), 1)))
        if generator.random() < 0.3:
            boxes.append(Box(label.image, (0.0, 0.0, 50.0, 90.0), float(generator.random())))
    return boxes


def ours(scores: DetectionScores) -> list[float]:
    return [scores.ap, scores.ap50, scores.ap75, scores.ar100]


@pytest.mark.data
def test_pennfudan_scores_as_pycocotools_scores_it(data_dir: Path, tmp_path: Path) -> None:
    folder = data_dir / "people" / "pennfudan"
    labels = read_labels(folder / "boxes.csv")
    predicted = perturbed(labels, seed=3)
    entries: list[dict[str, Any]] = [
        {"image_id": box.image, "bbox": list(box.ltwh), "score": box.confidence} for box in predicted
    ]
    entries.append({"image_id": "elsewhere.jpg", "bbox": [0, 0, 9, 9], "score": 0.9})
    (tmp_path / "results.json").write_text(json.dumps(entries), encoding="utf-8")
    found = evaluate_detection(tmp_path / "results.json", folder / "boxes.csv", folder / "images", draws=100)
    names = sorted(path.name for path in (folder / "images").iterdir())
    assert ours(found.scores) == pytest.approx(official_scores(predicted, labels, names), abs=1e-6)
    assert (found.images, found.predictions, found.ignored) == (len(names), len(predicted), 1)
    assert found.scores.persons == len(labels)
    assert found.intervals["ap"].low < found.scores.ap < found.intervals["ap"].high


@pytest.mark.data
def test_images_without_a_person_count(data_dir: Path) -> None:
    folder = data_dir / "people" / "coco"
    labels = read_labels(folder / "person_boxes.csv")
    names = sorted(path.name for path in (folder / "images").iterdir() if path.suffix == ".jpg")
    empty = sorted(set(names) - {label.image for label in labels})
    assert empty
    ghosts = [Box(name, (5.0, 5.0, 40.0, 80.0), 0.99) for name in empty]
    predicted = [*ghosts, *perturbed(labels, seed=5)]
    found = score_boxes(predicted, labels, names, draws=2)
    assert ours(found.scores) == pytest.approx(official_scores(predicted, labels, names), abs=1e-6)
    assert found.scores.ap < score_boxes(predicted[len(ghosts) :], labels, names, draws=2).scores.ap


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000))
def test_any_boxes_score_as_pycocotools_scores_them(seed: int) -> None:
    generator = np.random.default_rng(seed)
    names = [f"{number}.jpg" for number in range(5)]
    labels = [
        Box(names[int(generator.integers(5))], (*generator.uniform(0, 90, 2), *generator.uniform(5, 60, 2)))
        for _ in range(int(generator.integers(1, 12)))
    ]
    predicted = [*perturbed(labels, seed), Box(names[0], (0.0, 0.0, 9.0, 9.0), 0.5)]
    found = score_boxes(predicted, labels, names, draws=2)
    assert ours(found.scores) == pytest.approx(official_scores(predicted, labels, names), abs=1e-6)


def test_perfect_boxes_score_100_and_no_boxes_0() -> None:
    labels = [Box("a.jpg", (0.0, 0.0, 20.0, 40.0)), Box("b.jpg", (50.0, 10.0, 20.0, 40.0))]
    perfect = score_boxes(labels, labels, ["a.jpg", "b.jpg"], draws=2).scores
    assert ours(perfect) == pytest.approx([100] * 4)
    assert (perfect.best_f1, perfect.best_f1_confidence) == pytest.approx((100, 1))
    assert ours(score_boxes([], labels, ["a.jpg", "b.jpg"], draws=2).scores) == [0] * 4
