"""The detections of one frame, in the forms that association needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.tracking.association import overlapping
from pipeline.tracking.kalman import to_cxcywh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.detections import Detections

_SMALLEST_SIDE_PX = 1.0
_TOUCHING_IOU = 1e-6


class FrameBoxes:
    """Boxes of one frame, in an order of their own, so that the order in which they came decides nothing.

    Attributes:
        order: (N,) where each box is among the detections.
        detected: (N, 4) float32 pixels, as they came.
        class_id: (N,) int64.
        xyxy: (N, 4) float64 pixels.
        cxcywh: (N, 4) centre and size, sides of at least a pixel.
        score: (N,) confidence.
        high: (N,) whether the confidence is high.
        appearance: (N, D) descriptors, or None.
    """

    __slots__ = ("appearance", "class_id", "cxcywh", "detected", "high", "order", "score", "xyxy")

    def __init__(
        self, detections: Detections, appearance: NDArray[np.float32] | None, high_score: float
    ) -> None:
        if appearance is not None and len(appearance) != len(detections):
            raise ValueError(
                f"appearance must have {len(detections)} rows, one a detection, has {len(appearance)}"
            )
        found = detections.xyxy
        # the most confident first; where two are alike, their places decide
        self.order = np.lexsort((*found.T, -detections.confidence))
        self.detected = found.take(self.order, axis=0)
        self.class_id = detections.class_id[self.order]
        self.xyxy = self.detected.astype(np.float64)
        self.cxcywh = to_cxcywh(self.xyxy)
        np.maximum(self.cxcywh[:, 2:], _SMALLEST_SIDE_PX, out=self.cxcywh[:, 2:])
        self.score = detections.confidence[self.order]
        self.high = self.score >= high_score
        self.appearance = None if appearance is None else appearance.take(self.order, axis=0)

    def covered(self) -> NDArray[np.float64]:
        """(N,) largest share of each box that one box standing nearer to the camera covers."""
        share = np.zeros(len(self.xyxy))
        pairs = overlapping(self.xyxy, self.xyxy, _TOUCHING_IOU, nearer=True)
        if not len(pairs):
            return share
        behind, before = self.xyxy[pairs.row], self.xyxy[pairs.column]
        common = np.minimum(behind[:, 2:], before[:, 2:]) - np.maximum(behind[:, :2], before[:, :2])
        area = (behind[:, 2:] - behind[:, :2]).prod(axis=1)
        np.maximum.at(share, pairs.row, common.prod(axis=1) / area)
        return share
