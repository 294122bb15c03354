"""A detector that needs no network: it finds bright rectangles, and always the same ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.detections import Detections
from models.preprocess import check_image

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from config.sections.detector import DetectorSettings

BRIGHT = 160
"""Grey level from which a pixel belongs to a person."""

_MIN_AREA_PX = 12
"""Specks that a video codec leaves are no persons."""


@dataclass(frozen=True, slots=True)
class StubDetector:
    """Persons are connected areas brighter than ``BRIGHT``; confidence is how bright they are, 255 being 1.

    Made for synthetic footage: what was drawn as a rectangle is found as that rectangle, to the pixel.
    """

    name: str = "stub"
    batch_size: int = 4
    score_threshold: float = 0.1
    max_detections: int = 300
    provenance: dict[str, str] = field(default_factory=lambda: {"network": "stub"})

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """Bright rectangles of each (H, W, 3) uint8 BGR image, the brightest first."""
        return [self._detect(image) for image in images]

    def _detect(self, image: NDArray[np.uint8]) -> Detections:
        check_image(image)
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        bright = (grey >= BRIGHT).astype(np.uint8)
        count, labels, statistics, _ = cv2.connectedComponentsWithStats(bright)
        boxes = statistics[1:, :4].astype(np.float32)  # (N, 4) left, top, width, height; 0 is the background
        lit = np.flatnonzero(bright)  # few of all pixels: the others belong to nobody
        sums = np.bincount(labels.ravel()[lit], weights=grey.ravel()[lit], minlength=count)[1:]
        pixels = statistics[1:, cv2.CC_STAT_AREA]
        confidence = (sums / pixels / 255).astype(np.float32)
        keep = (pixels >= _MIN_AREA_PX) & (confidence >= self.score_threshold)
        found, _ = Detections.sanitised(
            np.concatenate([boxes[keep, :2], boxes[keep, :2] + boxes[keep, 2:]], 1), confidence[keep]
        )
        order = np.argsort(-found.confidence, kind="stable")[: self.max_detections]
        return found[order]


def build(settings: DetectorSettings, _: Path | None = None) -> StubDetector:
    """A stub with the thresholds of ``settings``."""
    return StubDetector(
        batch_size=settings.batch_size or 4,
        score_threshold=settings.score_threshold,
        max_detections=settings.max_detections,
    )
