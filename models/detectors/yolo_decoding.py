"""From raw YOLOv3 heads to boxes.

Reference:
    Redmon & Farhadi, "YOLOv3: An Incremental Improvement", 2018, section 2.1; the stretch of the centre by
    ``scale_x_y`` is Bochkovskiy et al., "YOLOv4", 2020, section 3.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.detectors.darknet_cfg import Yolo


def decode_heads(
    heads: Sequence[NDArray[np.float32]],
    layers: Sequence[Yolo],
    input_size: tuple[int, int],
    score_threshold: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Boxes of one class from the heads of one image.

    Args:
        heads: each (1, anchors * 6, h, w): x, y, width, height, objectness and the class, before any squashing.
        layers: the description of each head.
        input_size: height and width of the network's input in pixels.
        score_threshold: objectness times class probability below it is left out; what is no number stays, so that
            it can be counted where it is refused.

    Returns:
        (N, 4) float32 left, top, right, bottom as fractions of the picture, and (N,) float32 scores.
    """
    parts = [
        _decode(head, layer, input_size, score_threshold) for head, layer in zip(heads, layers, strict=True)
    ]
    return np.concatenate([boxes for boxes, _ in parts]), np.concatenate([scores for _, scores in parts])


def _decode(
    head: NDArray[np.float32], layer: Yolo, input_size: tuple[int, int], score_threshold: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rows, columns = head.shape[2:]
    raw = head.reshape(len(layer.anchors_px), 6, rows, columns)
    scores: NDArray[np.float32] = _sigmoid(raw[:, 4]) * _sigmoid(raw[:, 5])  # (anchors, rows, columns)
    anchor, row, column = np.nonzero(~(scores < score_threshold))
    found = raw[anchor, :, row, column]  # (N, 6)
    anchors_px = np.array(layer.anchors_px, np.float32)[anchor]
    cell = np.stack([column, row], 1).astype(np.float32)
    grid = np.array([columns, rows], np.float32)
    height, width = input_size
    centre = ((_sigmoid(found[:, :2]) - 0.5) * np.float32(layer.scale_x_y) + 0.5 + cell) / grid
    with np.errstate(over="ignore"):  # an endless box is refused later, where boxes become Detections
        half = np.exp(found[:, 2:4]) * anchors_px / np.array([width, height], np.float32) / 2
    boxes = np.concatenate([centre - half, centre + half], 1).astype(np.float32)
    return boxes, scores[anchor, row, column]


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # exp(-x) may reach infinity, which gives 0, as it should
        squashed: NDArray[np.float32] = np.float32(1) / (np.float32(1) + np.exp(-x))
    return squashed
