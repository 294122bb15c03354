"""Motion gate: a scene that stands still is looked at only now and then."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from config.sections.motion_gate import MotionGateSettings

REDUCED_WIDTH_PX = 160
"""Width of the grey picture that the gate looks at.

Measured on the empty scene of OpenCV's vtest.avi with noise of 4 grey levels, coded as H.264: at crf 32 no point of a picture
of this width changes by 12 levels, of one 240 wide up to 0.02 %; at crf 36 up to 0.06 % and 0.4 %, at key frames.
Persons of that recording, shrunk
to 11, 8 and 5 pixels of the reduced picture, change more than 0.05 % of it in 100, 98 and 68 of 100 cases.
"""
_SAMPLED_EVERY_PX = 4
"""The usual change is the median of one point in 4x4: 0.02 ms instead of 0.15."""
_ANOTHER_SCENE = 0.5
"""Where more than half of the points differ the median tells nothing more: exposure, lights, infrared, another view."""


def reduced_luma(y_plane: NDArray[np.uint8], width_px: int = REDUCED_WIDTH_PX) -> NDArray[np.uint8]:
    """The grey picture made smaller, in its shape; a copy of it where it is no wider than that.

    By halves as long as it goes, each the mean of 2x2 points, and the rest between neighbours: 0.05 ms for 768x576, where
    one step by area takes 0.85 ms.

    Args:
        y_plane: (H, W) uint8, the upright grey picture.
        width_px: width of the result.

    Returns:
        (h, w) uint8, contiguous, its own memory.
    """
    import cv2

    height, width = y_plane.shape
    if width <= width_px:
        return y_plane.copy()
    size = (width_px, max(1, round(height * width_px / width)))
    while y_plane.shape[1] >= 2 * width_px and y_plane.shape[0] >= 2:
        height, width = y_plane.shape[0] // 2, y_plane.shape[1] // 2
        even = y_plane[: 2 * height, : 2 * width]
        y_plane = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(y_plane, size, interpolation=cv2.INTER_LINEAR), np.uint8)


class MotionGate:
    """Tells which frames of a camera are worth looking at.

    A background follows the picture, so that what stays becomes part of it. Points that differ from it count as motion
    where they are many; what all points have in common (clouds, exposure) is taken off before. Where more than half of
    the picture differs (lights, another view), that is motion, and the picture is the new background.
    About 0.1 ms for 160x120 points.

    Args:
        settings: what counts as motion, and for how long.
    """

    def __init__(self, settings: MotionGateSettings) -> None:
        self._settings = settings
        self._background: NDArray[np.float32] | None = None
        self._before_s = -math.inf
        self._moved_s = -math.inf
        self._passed_s = -math.inf

    def passes(self, luma: NDArray[np.uint8], time_s: float) -> bool:
        """Whether this frame is to be looked at: something moves or has just moved, or it is time for a look.

        Args:
            luma: (h, w) uint8, reduced to :data:`REDUCED_WIDTH_PX`; masked areas are black. Another shape than before
                starts anew, and so does an earlier time.
            time_s: media time.
        """
        if self._moves(luma, time_s):
            self._moved_s = time_s
        self._before_s = time_s
        open_still = time_s - self._moved_s <= self._settings.open_for_s
        if not open_still and time_s - self._passed_s < self._settings.look_every_s:
            return False
        self._passed_s = time_s
        return True

    def _moves(self, luma: NDArray[np.uint8], time_s: float) -> bool:
        background = self._background
        if background is None or background.shape != luma.shape or time_s < self._before_s:
            self._start(luma)
            return False
        difference = luma - background
        changed = _changed_points(difference, luma, self._settings.pixel_change)
        if changed and changed > _ANOTHER_SCENE * np.count_nonzero(luma):
            self._background = luma.astype(np.float32)
        else:
            share = -math.expm1(-(time_s - self._before_s) / self._settings.adapt_s)
            difference *= np.float32(share)
            background += difference
        return changed >= self._settings.changed_fraction * luma.size and changed > 0

    def _start(self, luma: NDArray[np.uint8]) -> None:
        self._background = luma.astype(np.float32)
        self._moved_s = self._passed_s = -math.inf


def _changed_points(difference: NDArray[np.float32], luma: NDArray[np.uint8], pixel_change: int) -> int:
    """Points (h, w) whose difference from the background is unlike that of most others."""
    import cv2

    sample = (slice(None, None, _SAMPLED_EVERY_PX),) * 2
    lit = difference[sample][luma[sample] > 0]  # masked areas never change, whatever the light does
    usual = _median(lit) if lit.size else np.float32(0)
    least, most = cv2.minMaxLoc(difference)[:2]
    if np.float32(most) - usual < pixel_change and usual - np.float32(least) < pixel_change:
        return 0  # a still scene: what follows would find nothing
    unlike = np.abs(difference - usual) >= pixel_change
    return int(np.count_nonzero(unlike & ((luma > 0) | (difference != 0))))


def _median(values: NDArray[np.float32]) -> np.float32:
    """As ``np.median`` has it, which takes longer than all the rest of the gate."""
    ordered = np.sort(values)
    last = values.size - 1
    return np.float32((ordered[last // 2] + ordered[values.size // 2]) / 2)
