"""Appearance without a trained network: colour histograms of horizontal stripes of the body."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROWS, _COLUMNS = 48, 12
"""Points that are looked at in each box, however large it is; measured on vtest, see the class."""
_POINTS = _ROWS * _COLUMNS
_DOWN, _ACROSS = (np.arange(count) / count + 0.5 / count for count in (_ROWS, _COLUMNS))
"""Where the points lie, in heights and widths of what is looked at."""
_NO_FRACTIONS = np.empty(0, np.uint16)
"""Of the places of points: whole pixels are looked up."""
_SIDE_SHARE, _TOP_SHARE = 0.25, 0.05
"""Margins of the box that show more ground than person; measured on vtest, see the class."""
_MARGINS = np.array([[_SIDE_SHARE, _TOP_SHARE], [-_SIDE_SHARE, 0.0]])
"""Of the first and the last corner, in widths and heights of the box."""
_HUE_BINS, _SATURATION_BINS, _VALUE_BINS = 8, 4, 4
_BINS = _HUE_BINS * _SATURATION_BINS * _VALUE_BINS


class ColourStripes:
    """Joint HSV histogram of each of four stripes, from head to feet, as square roots of shares.

    The inner product of two descriptors is their Bhattacharyya coefficient: 1 for equal histograms, 0 for disjoint ones.
    Same person against others, on the true boxes of every 15th frame of vtest that are more than 20 frames apart: AUC 0.887.
    The mean colours of 64 x 16 cells instead of 48 x 12 points give 0.886 and take more than twice as long, 16 x 8 points give 0.879.

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
        # every histogram of a visible box counts the same points: few roots of shares are ever needed
        self._root = np.sqrt(np.arange(_POINTS + 1, dtype=np.float32) / _POINTS)

    def embed(self, image: NDArray[np.uint8], xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, D) float32 descriptors of unit L2 norm for the (N, 4) boxes of one (H, W, 3) BGR image.

        A box without a visible pixel gives a row of zeros.
        """
        inner = _inner(xyxy, image.shape[1], image.shape[0])
        first, last = inner[:, 0], inner[:, 1]
        hidden = (first >= last).any(axis=1)
        if hidden.all():
            return np.zeros((len(xyxy), self.dimension), np.float32)
        x = _between(first[:, 0], last[:, 0], _ACROSS, image.shape[1])
        y = _between(first[:, 1], last[:, 1], _DOWN, image.shape[0])
        bins = self._joint_bins(_looked_up(image, x, y))
        # (N, columns, stripes, rows of a stripe); each stripe of each box counts for itself
        bins = bins.reshape(-1, _COLUMNS, self.stripes, _ROWS // self.stripes)
        starts = np.arange(0, len(xyxy) * self.dimension, _BINS).reshape(-1, 1, self.stripes, 1)
        count = np.bincount((bins + starts).reshape(-1), minlength=len(xyxy) * self.dimension)
        descriptors = self._root.take(count).reshape(len(xyxy), self.dimension)
        descriptors[hidden] = 0
        return descriptors

    def _joint_bins(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(1, P) bin of each of (..., 3) pixels."""
        import cv2

        # all pixels in one row, since OpenCV is slow at short rows
        channels = cv2.split(cv2.cvtColor(pixels.reshape(1, -1, 3), cv2.COLOR_BGR2HSV))
        hue, saturation, value = (
            cv2.LUT(channel, share) for channel, share in zip(channels, self._shares, strict=True)
        )
        return np.asarray(hue + saturation + value, np.uint8)


def _looked_up(image: NDArray[np.uint8], x: NDArray[np.int16], y: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Pixels of ``image`` at all pairs of ``x`` (N, columns) and ``y`` (N, rows): N x columns x rows of them, in this order."""
    import cv2

    at = np.empty((len(x), _COLUMNS, _ROWS, 2), np.int16)
    at[..., 0] = x[:, :, None]
    at[..., 1] = y[:, None, :]
    # rows so long that OpenCV is fast, and so short that it starts no threads
    rows = at.reshape(-1, _POINTS // 3, 2)
    pixels = cv2.remap(np.ascontiguousarray(image), rows, _NO_FRACTIONS, cv2.INTER_NEAREST)
    return cast("NDArray[np.uint8]", pixels)


def _inner(xyxy: NDArray[np.float32], width: int, height: int) -> NDArray[np.float64]:
    """(N, 2, 2) first and last corner of the part of each box that the person fills, cut to the picture."""
    box = np.asarray(xyxy, np.float64).reshape(-1, 2, 2)
    size = box[:, 1:] - box[:, :1]
    inner: NDArray[np.float64] = box + size * _MARGINS
    np.maximum(inner, 0, out=inner)
    np.minimum(inner, (width, height), out=inner)
    return inner


def _between(
    first: NDArray[np.float64], last: NDArray[np.float64], shares: NDArray[np.float64], pixels: int
) -> NDArray[np.int16]:
    """(N, S) pixels at these shares of the way from ``first`` (N,) to ``last`` (N,), inside the picture."""
    at = (first[:, None] + (last - first)[:, None] * shares).astype(np.int16)
    # a box that lies beyond the edge shows nothing, but is looked up all the same
    np.minimum(at, pixels - 1, out=at)
    return at
