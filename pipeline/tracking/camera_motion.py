"""Motion of the camera itself between two frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_WITNESSES = 4
"""Fewer people than this may move alike by chance."""
_AGREEMENT_HEIGHTS = 0.06
_AGREEING_SHARE = 0.5


def shift_from_boxes(
    innovation: NDArray[np.float64], height: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """What most people's boxes are off by, beyond each one's own motion: that was the camera.

    Args:
        innovation: (N, 2) detected minus predicted centres, pixels.
        height: (N,) heights of the boxes, pixels.

    Returns:
        (2,) pixels, or None if there are too few boxes or they do not agree.
    """
    count = len(innovation)
    if count < FEWEST_WITNESSES:
        return None
    middle = np.sort(innovation, axis=0)[count // 2]
    near = np.abs(innovation - middle) < _AGREEMENT_HEIGHTS * height[:, None]
    agrees = near[:, 0] & near[:, 1]
    witnesses = int(np.count_nonzero(agrees))
    if witnesses < max(FEWEST_WITNESSES, _AGREEING_SHARE * count):
        return None
    shift: NDArray[np.float64] = innovation[agrees].sum(axis=0) / witnesses
    return shift
