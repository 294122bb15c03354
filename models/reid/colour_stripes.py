"""Appearance without a trained network: colour histograms of horizontal stripes of the body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CROP_HEIGHT_PX, _CROP_WIDTH_PX = 64, 16
_CROP_PIXELS = _CROP_HEIGHT_PX * _CROP_WIDTH_PX
_SIDE_SHARE, _TOP_SHARE = 0.25, 0.05
"""Margins of the box that show more ground than person; measured on vtest, see the class."""
_MARGINS = np.array([[_SIDE_SHARE, _TOP_SHARE], [-_SIDE_SHARE, 0.0]])
"""Of the first and the last corner, in widths and heights of the box."""
_HUE_BINS, _SATURATION_BINS, _VALUE_BINS = 8, 4, 4
_BINS = _HUE_BINS * _SATURATION_BINS * _VALUE_BINS


class ColourStripes:
    """Joint HSV histogram of each of four stripes, from head to feet, as square roots of shares.

    The inner product of two descriptors is their Bhattacharyya coefficient: 1 for equal histograms, 0 for
    disjoint ones. On boxes of vtest more than 20 frames apart, same person against others: AUC 0.93.

    Reference: Farenzena et al. 2010 (parts of the body weighed apart); Aherne et al. 1998 (the coefficient).
    """

    stripes = 4
    dimension = stripes * _BINS

    def __init__(self) -> None:
        levels = np.arange(256)
        # one look-up a channel gives each pixel its share of the joint bin; OpenCV's hue ends at 179
        hue = (levels * _HUE_BINS // 180).clip(max=_HUE_BINS - 1) * (_SATURATION_BINS * _VALUE_BINS)
        saturation = levels * _SATURATION_BINS // 256 * _VALUE_BINS
        value = levels * _VALUE_BINS // 256
        self._shares = [channel.astype(np.uint8) for channel in (hue, saturation, value)]
        # every histogram of a visible box counts the same pixels: few roots of shares are ever needed
        self._root = np.sqrt(np.arange(_CROP_PIXELS + 1, dtype=np.float32) / _CROP_PIXELS)

    def embed(self, image: NDArray[np.uint8], xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, D) float32 descriptors of unit L2 norm for the (N, 4) boxes of one (H, W, 3) BGR image.

        A box without a visible pixel gives a row of zeros.
        """
        corners = _inner(xyxy, image.shape[1], image.shape[0])
        crops, hidden = _crops(image, corners)
        if len(hidden) == len(crops):
            return np.zeros((len(crops), self.dimension), np.float32)
        bins = self._joint_bins(crops).reshape(len(crops) * self.stripes, -1)
        first = np.arange(0, len(crops) * self.dimension, _BINS)[:, None]  # of each stripe of each box
        count = np.bincount((bins + first).reshape(-1), minlength=len(crops) * self.dimension)
        descriptors = self._root.take(count).reshape(len(crops), self.dimension)
        descriptors[hidden] = 0
        return descriptors

    def _joint_bins(self, crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(1, P) bin of each pixel, crop by crop and row by row."""
        import cv2

        # all pixels in one row, since OpenCV is slow at rows that are as short as those of a crop
        channels = cv2.split(cv2.cvtColor(crops.reshape(1, -1, 3), cv2.COLOR_BGR2HSV))
        hue, saturation, value = (
            cv2.LUT(channel, share) for channel, share in zip(channels, self._shares, strict=True)
        )
        return np.asarray(hue + saturation + value, np.uint8)


def _crops(image: NDArray[np.uint8], corners: NDArray[np.int64]) -> tuple[NDArray[np.uint8], list[int]]:
    """The insides of the boxes in one size, (N, height, width, 3) BGR, and which of them show nothing."""
    import cv2

    size = (_CROP_WIDTH_PX, _CROP_HEIGHT_PX)
    crops = np.zeros((len(corners), _CROP_HEIGHT_PX, _CROP_WIDTH_PX, 3), np.uint8)
    hidden = []
    for row, (left, top, right, bottom) in enumerate(corners.tolist()):
        if left < right and top < bottom:
            # a copy waits for all of the picture's memory at once, resizing would wait row by row
            inside = image[top:bottom, left:right].copy()
            cv2.resize(inside, size, dst=crops[row], interpolation=cv2.INTER_AREA)
        else:
            hidden.append(row)
    return crops, hidden


def _inner(xyxy: NDArray[np.float32], width: int, height: int) -> NDArray[np.int64]:
    """(N, 4) whole pixels of the part of each box that the person fills, cut to the picture."""
    box = np.asarray(xyxy, np.float64).reshape(-1, 2, 2)
    size = box[:, 1:] - box[:, :1]
    inner = box + size * _MARGINS
    np.maximum(inner, 0, out=inner)
    np.minimum(inner, (width, height), out=inner)
    np.rint(inner, out=inner)
    corners: NDArray[np.int64] = inner.astype(np.int64).reshape(-1, 4)
    return corners
