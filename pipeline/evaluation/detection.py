"""Scores of person boxes against labelled images, by pycocotools."""

from __future__ import annotations

import io
import math
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from config.errors import EvaluationUnavailable
from pipeline.evaluation.bootstrap import intervals
from pipeline.evaluation.boxes import image_names, read_labels, read_predictions
from pipeline.evaluation.scores import DetectionScores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipeline.evaluation.boxes import Box
    from pipeline.evaluation.scores import Interval

INTERVAL_METRICS = ("ap", "ap50", "ap75", "ar100")
"""Scores of detection that get a confidence interval."""
_BOXES_PER_IMAGE = 100
_DRAWS = 1000  # one takes about a millisecond
_PERSON = 1  # COCO's category


@dataclass(frozen=True, slots=True)
class DetectionEvaluation:
    """Scores over a set of images.

    Attributes:
        scores: over all images.
        intervals: score → 95 % interval over images.
        images: how many images were scored.
        predictions: how many boxes were scored.
        ignored: how many predicted boxes are of images that are not in the set.
    """

    scores: DetectionScores
    intervals: Mapping[str, Interval]
    images: int
    predictions: int
    ignored: int


def evaluate_detection(
    results: Path, boxes: Path, images: Path | None = None, *, draws: int = _DRAWS
) -> DetectionEvaluation:
    """Scores of files.

    Args:
        results: COCO results: ``[{"image_id": FILE NAME, "bbox": [left, top, width, height], "score": s}, ...]``.
        boxes: CSV with the columns image, left, top, width, height.
        images: folder whose images belong to the set even where the CSV has no person for them.
        draws: how many times the images are drawn again for the intervals.

    Raises:
        InputNotFound: a file or the folder is not there.
        InputEmpty: no labelled person.
        MalformedInput: a row or entry that is no box; the message names file and line or entry.
        EvaluationUnavailable: pycocotools is not installed.
    """
    labels = read_labels(boxes)
    names = {label.image for label in labels} | image_names(images)
    predicted = read_predictions(results)
    known = [box for box in predicted if box.image in names]
    return score_boxes(known, labels, sorted(names), ignored=len(predicted) - len(known), draws=draws)


def score_boxes(
    predicted: Sequence[Box],
    labels: Sequence[Box],
    names: Sequence[str],
    *,
    ignored: int = 0,
    draws: int = _DRAWS,
) -> DetectionEvaluation:
    """Scores of boxes in memory; ``names`` are all images of the set.

    Raises:
        EvaluationUnavailable: pycocotools is not installed.
    """
    coco = _matched_by_coco(predicted, labels, names)
    per_image = list(coco.evalImgs)

    def scores(images: Sequence[Any]) -> DetectionScores:
        coco.evalImgs = list(images)
        with redirect_stdout(io.StringIO()):
            coco.accumulate()
        return _typed(coco, sum(len(image["gtIds"]) for image in images if image is not None))

    return DetectionEvaluation(
        scores=scores(per_image),
        intervals=intervals(per_image, scores, INTERVAL_METRICS, draws),
        images=len(names),
        predictions=len(predicted),
        ignored=ignored,
    )


def _matched_by_coco(predicted: Sequence[Box], labels: Sequence[Box], names: Sequence[str]) -> Any:
    """A ``COCOeval`` that has matched the boxes of each image, over persons of any size."""
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError as error:
        raise EvaluationUnavailable(
            f"Boxes are scored by pycocotools, which is not installed ({error}); run: pip install pycocotools"
        ) from None
    number = {name: position for position, name in enumerate(names, 1)}
    truth, found = COCO(), COCO()
    for coco, boxes in ((truth, labels), (found, predicted)):
        coco.dataset = {
            "info": {},
            "images": [{"id": position, "file_name": name} for name, position in number.items()],
            "categories": [{"id": _PERSON, "name": "person"}],
            "annotations": [
                {
                    "id": position,
                    "image_id": number[box.image],
                    "category_id": _PERSON,
                    "iscrowd": 0,
                    "bbox": list(box.ltwh),
                    "area": box.ltwh[2] * box.ltwh[3],
                    "score": box.confidence,
                }
                for position, box in enumerate(boxes, 1)
            ],
        }
    with redirect_stdout(io.StringIO()):
        truth.createIndex()
        found.createIndex()
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.params.areaRng, evaluation.params.areaRngLbl = evaluation.params.areaRng[:1], ["all"]
        evaluation.params.maxDets = [_BOXES_PER_IMAGE]
        evaluation.evaluate()
    return evaluation


def _typed(coco: Any, persons: int) -> DetectionScores:
    precision = coco.eval["precision"][:, :, 0, 0, 0]  # (overlaps, 101 recalls)
    recall = coco.eval["recall"][:, 0, 0, 0]  # (overlaps,)
    if (precision < 0).all():  # COCO's -1: no person in these images
        nothing = math.nan
        return DetectionScores(nothing, nothing, nothing, nothing, nothing, nothing, persons)
    f1 = 2 * precision[0] * coco.params.recThrs / np.maximum(precision[0] + coco.params.recThrs, 1e-12)
    best = int(f1.argmax())
    return DetectionScores(
        ap=100 * float(precision.mean()),
        ap50=100 * float(precision[0].mean()),
        ap75=100 * float(precision[5].mean()),
        ar100=100 * float(recall.mean()),
        best_f1=100 * float(f1[best]),
        best_f1_confidence=float(coco.eval["scores"][0, best, 0, 0, 0]),
        persons=persons,
    )
