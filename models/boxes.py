"""Arithmetic of boxes: (N, 4) arrays of left, top, right, bottom in pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


_AT_ONCE = 64
"""Boxes of which suppression asks at once whom they overlap: a frame of a few people in one step, a crowd without a matrix of
all its candidates."""


def area(xyxy: NDArray[np.floating]) -> NDArray[np.floating]:
    """(N,) areas in square pixels."""
    return (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1])


def iou_matrix(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float64]:
    """(N, M) intersection over union of each box of ``first`` with each of ``second``, in [0, 1].

    Two boxes without area have an intersection over union of 0.
    """
    a, b = first.astype(np.float64), second.astype(np.float64)
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    intersection = (bottom_right - top_left).clip(0).prod(2)
    union = area(a)[:, None] + area(b)[None, :] - intersection
    overlap: NDArray[np.float64] = np.divide(
        intersection, union, out=np.zeros_like(intersection), where=union > 0
    )
    return overlap


def non_maximum_suppression(
    xyxy: NDArray[np.floating], scores: NDArray[np.floating], iou_threshold: float, limit: int
) -> NDArray[np.intp]:
    """Indices of the boxes that stay, by falling score; equal scores stay in their order.

    A box goes when it overlaps a better one that stays by more than ``iou_threshold``.

    Args:
        xyxy: (N, 4) pixels.
        scores: (N,).
        iou_threshold: in [0, 1].
        limit: at most so many boxes stay.
    """
    left = np.argsort(-scores, kind="stable")
    kept: list[np.intp] = []
    while len(left) and len(kept) < limit:
        best = left[:_AT_ONCE]
        goes_with = iou_matrix(xyxy[best], xyxy[left]) > iou_threshold  # (best, left)
        goes = np.zeros(len(left), bool)
        for index, box in enumerate(best):
            if not goes[index]:
                kept.append(box)
                goes |= goes_with[index]
        left = left[_AT_ONCE:][~goes[_AT_ONCE:]]
    return np.array(kept[:limit], np.intp)
