"""The scene without its people, estimated while a recording streams by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STRIP_ROWS = 16  # the median is taken over strips, so that its working copy stays small
_BOX_MARGIN = 0.15  # of the box's size on each side: shadows, swinging arms, boxes that sit badly
_FILL_RADIUS_PX = 4


class SceneBackground:
    """Per-pixel median of a few frames spread over the recording, each without the pixels where somebody was found.

    The picture goes into a report, so people must not stay in it: a pixel inside a box never counts, and the median
    removes those whom the detector missed while they walked by. A pixel that was covered in every sample is
    filled in from its neighbours.

    Memory is bounded whatever the length: when all places are taken, every other sample is dropped and the distance
    between samples doubles. The same frames give the same picture.
    """

    def __init__(self, samples: int = 24, longest_side_px: int = 960) -> None:
        """Keep at most ``samples`` frames (at least half as many once so many were seen), scaled down to fit."""
        if samples < 2:
            raise ValueError(f"SceneBackground needs places for at least 2 samples, has {samples}")
        self._capacity = samples
        self._longest_side_px = longest_side_px
        self._stride = 1
        self._seen = 0
        self._images: list[NDArray[np.uint8]] = []
        self._free: list[NDArray[np.bool_]] = []

    def wants_next(self) -> bool:
        """Whether the next frame would be sampled: boxes need not be collected for one that is not."""
        return self._seen % self._stride == 0

    def add(self, image: NDArray[np.uint8], occupied_xyxy: NDArray[np.floating]) -> None:
        """Take note of the next frame.

        Args:
            image: (H, W, 3) uint8 BGR.
            occupied_xyxy: (N, 4) pixels, every box in which a person may be, unsure ones included.
        """
        wanted = self.wants_next()
        self._seen += 1
        if not wanted:
            return
        small = self._scaled(image)
        self._images.append(small)
        self._free.append(_free_pixels(small.shape[:2], image.shape[:2], occupied_xyxy))
        if len(self._images) == self._capacity:
            self._images, self._free = self._images[::2], self._free[::2]
            self._stride *= 2

    def picture(self) -> NDArray[np.uint8] | None:
        """(h, w, 3) uint8 BGR, or None when no frame was seen."""
        if not self._images:
            return None
        height, width = self._images[0].shape[:2]
        picture = np.empty((height, width, 3), np.uint8)
        never_free = np.empty((height, width), np.bool_)
        for top in range(0, height, _STRIP_ROWS):
            rows = slice(top, top + _STRIP_ROWS)
            images = np.stack([image[rows] for image in self._images])
            free = np.stack([free[rows] for free in self._free])
            picture[rows], never_free[rows] = _median_where_free(images, free)
        return _filled(picture, never_free)

    def _scaled(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        import cv2

        height, width = image.shape[:2]
        if self._images:  # one size for all, also when the recording changes its own
            height, width = self._images[0].shape[:2]
        else:
            scale = min(1.0, self._longest_side_px / max(height, width))
            height, width = max(1, round(height * scale)), max(1, round(width * scale))
        if (height, width) == image.shape[:2]:
            return image.copy()
        return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _free_pixels(
    size: tuple[int, ...], original: tuple[int, ...], xyxy: NDArray[np.floating]
) -> NDArray[np.bool_]:
    """(h, w) mask, False inside the boxes and their margin."""
    free = np.ones(size, np.bool_)
    scale = np.array([size[1] / original[1], size[0] / original[0]])
    boxes = np.asarray(xyxy, np.float64).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    margin = _BOX_MARGIN * (boxes[:, 2:] - boxes[:, :2])
    low = np.floor((boxes[:, :2] - margin) * scale).clip(0, size[::-1]).astype(int)
    high = np.ceil((boxes[:, 2:] + margin) * scale).clip(0, size[::-1]).astype(int)
    for (left, top), (right, bottom) in zip(low, high, strict=True):
        free[top:bottom, left:right] = False
    return free


def _median_where_free(
    images: NDArray[np.uint8], free: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """(h, w, 3) lower median of the free samples of (S, h, w, 3), and (h, w) where there was none."""
    images = np.where(free[..., None], images, np.uint8(255))  # sorts behind what is free
    images.sort(axis=0)
    count = free.sum(axis=0)
    middle = np.maximum(count - 1, 0) // 2
    median = np.take_along_axis(images, middle[None, ..., None], axis=0)[0]
    return median, count == 0


def _filled(picture: NDArray[np.uint8], hole: NDArray[np.bool_]) -> NDArray[np.uint8]:
    if not hole.any():
        return picture
    if hole.all():
        return np.full_like(picture, 128)
    import cv2

    filled = cv2.inpaint(picture, hole.astype(np.uint8), _FILL_RADIUS_PX, cv2.INPAINT_TELEA)
    return np.asarray(filled, np.uint8)
