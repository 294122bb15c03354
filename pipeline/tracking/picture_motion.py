"""Motion of the camera itself, seen in its pictures: how the background moved since the picture before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHORT_SIDE_PX = 288
"""Pictures are looked at in this size: the finest motion that matters is a share of a person's height."""
_CORNERS = 200
_CORNER_QUALITY = 0.01
_CORNER_DISTANCE_PX = 8
_LEVELS = 4
"""Each level of the pyramid doubles the motion that is followed."""
_WINDOW_PX = 15
_TOLERANCE_PX = 1.5
"""Corners that agree to this, in the small picture, moved alike."""
_FEWEST_CORNERS = 8
_AGREEING_SHARE = 0.4
"""Where fewer corners agree it was not the camera that moved."""


class PictureMotion:
    """Follows corners of the background from each picture to the next; persons are left out.

    Reference: Aharon et al. 2022 (BoT-SORT), 3.2; Shi and Tomasi 1994 (corners); Bouguet 2001 (pyramidal
        Lucas-Kanade); Fischler and Bolles 1981 (RANSAC).
    """

    def __init__(self) -> None:
        self._before: NDArray[np.uint8] | None = None
        self._corners = np.empty((0, 1, 2), np.float32)

    def estimate(
        self, image: NDArray[np.uint8], persons_xyxy: NDArray[np.floating]
    ) -> NDArray[np.float64] | None:
        """Where points of the picture before are in this one: rotation, scale and shift of the whole picture.

        Args:
            image: (H, W, 3) uint8 BGR.
            persons_xyxy: (N, 4) pixels, boxes of what moves by itself in ``image``.

        Returns:
            (2, 3) matrix from the pixels of the picture before to those of this one; None for the first picture,
            after a change of size, and where too little of the background can be followed.
        """
        shrink = min(1.0, _SHORT_SIDE_PX / min(image.shape[:2]))
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
        if shrink < 1:
            grey = np.asarray(
                cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
            )
        motion = None if self._before is None else _motion(self._before, grey, self._corners)
        self._before, self._corners = grey, _background_corners(grey, np.asarray(persons_xyxy) * shrink)
        if motion is not None:
            motion[:, 2] /= shrink
        return motion


def _background_corners(grey: NDArray[np.uint8], persons_xyxy: NDArray[np.floating]) -> NDArray[np.float32]:
    """(C, 1, 2) corners outside the boxes."""
    background = np.full(grey.shape, 255, np.uint8)
    limits = np.array(grey.shape[1::-1] * 2)
    for left, top, right, bottom in persons_xyxy.clip(0, limits).round().astype(int).tolist():
        background[top:bottom, left:right] = 0
    corners = cv2.goodFeaturesToTrack(grey, _CORNERS, _CORNER_QUALITY, _CORNER_DISTANCE_PX, mask=background)
    return np.empty((0, 1, 2), np.float32) if corners is None else np.asarray(corners, np.float32)


def _motion(
    before: NDArray[np.uint8], now: NDArray[np.uint8], corners: NDArray[np.float32]
) -> NDArray[np.float64] | None:
    if before.shape != now.shape or len(corners) < _FEWEST_CORNERS:
        return None
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        before, now, corners, corners.copy(), winSize=(_WINDOW_PX, _WINDOW_PX), maxLevel=_LEVELS
    )
    ok = np.asarray(found).reshape(-1) == 1
    if np.count_nonzero(ok) < _FEWEST_CORNERS:
        return None
    matrix, agree = cv2.estimateAffinePartial2D(
        corners[ok], np.asarray(moved)[ok], method=cv2.RANSAC, ransacReprojThreshold=_TOLERANCE_PX
    )
    if matrix is None or np.count_nonzero(agree) < max(_FEWEST_CORNERS, _AGREEING_SHARE * len(corners)):
        return None
    return np.asarray(matrix, np.float64)
