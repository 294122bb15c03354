"""Smooth trajectories: a detected box is off by some pixels, a person's way is not.

Each coordinate is smoothed by local linear regression over time with a Gaussian kernel, which leaves straight ways as
they are, at their ends too. How wide the kernel is, the recording itself says: see :class:`BandwidthChoice`.

Reference: Fan and Gijbels 1996, Local Polynomial Modelling, 2.3 and 3.2.1; Du et al. 2023 (StrongSORT, 3.5:
Gaussian-smoothed interpolation of tracks).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.tracking.kalman import to_cxcywh, to_xyxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.second_look.sights import Sights

CANDIDATES_S = (0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.75, 1.0)
"""Standard deviations of the kernel, seconds; a person turns within a second."""
_REACH = 3.0
"""Standard deviations beyond which a neighbour counts for nothing."""
_SHARED_ERROR_S = 0.1
"""Errors of a detector last: neighbours within this time share them, and say nothing about each other."""
_SINGULAR = 1e-9
"""Spread of the neighbours, in widths of the kernel squared, below which they are at one time."""
_NARROWEST_INTERVALS = 0.4
"""A kernel narrower than this share of the time between frames sees no neighbour."""
_FEWEST_ROWS = 8
"""Shorter pieces of a track neither tell about the noise nor are smoothed."""
_LARGEST_MISS_HEIGHTS = 0.5
"""A greater miss counts as this one: a box that jumped to somebody else says nothing about noise."""
_ENOUGH_ROWS = 200_000
"""Of so many detections the noise is learnt: bounds the time that a long recording takes."""


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Standard deviations of the kernel for the centre of a box and for its width and height, seconds."""

    centre_s: float
    size_s: float


class BandwidthChoice:
    """Finds the bandwidth with which boxes are told best from their neighbours in time.

    Cross-validation that leaves out each box together with those close to it, whose errors it shares; over all
    tracks of a camera at once, in heights of the person.

    Reference: Chu and Marron 1991, Comparison of two bandwidth selectors with dependent errors (modified
        cross-validation).
    """

    def __init__(self, interval_s: float) -> None:
        """``interval_s`` is the nominal time from frame to frame."""
        self._candidates_s = [width for width in CANDIDATES_S if width >= _NARROWEST_INTERVALS * interval_s]
        # a little more than what is shared: rounding of time stamps does not decide
        self._left_out_s = _SHARED_ERROR_S + 0.1 * interval_s
        self._miss = np.zeros((len(self._candidates_s), 2))
        self._rows = 0

    @property
    def settled(self) -> bool:
        """Whether enough tracks were seen."""
        return self._rows >= _ENOUGH_ROWS

    def add(self, track: Sights) -> None:
        """Learn from the detected positions of one track."""
        if not self._candidates_s:
            return
        for piece in _pieces(track):
            seen = ~track.filled[piece]
            time_s, box = track.time_s[piece][seen], to_cxcywh(track.xyxy[piece][seen])
            told = [_regression(time_s, box, width_s, self._left_out_s) for width_s in self._candidates_s]
            miss = (np.stack(told) - box) / box[:, 3].mean()  # (candidates, N, 4)
            miss = np.minimum(miss[:, np.isfinite(miss).all(axis=(0, 2))] ** 2, _LARGEST_MISS_HEIGHTS**2)
            self._miss += miss.reshape(*miss.shape[:2], 2, 2).sum(axis=(1, 3))
            self._rows += miss.shape[1]

    def best(self) -> Bandwidth | None:
        """The choice, or None if there was nothing to learn from."""
        if not self._rows:
            return None
        centre, size = self._miss.argmin(axis=0)
        return Bandwidth(self._candidates_s[centre], self._candidates_s[size])


def smoothed(track: Sights, bandwidth: Bandwidth) -> NDArray[np.float64]:
    """(N, 4) smoothed boxes of a track; nothing is smoothed across gaps that were not filled."""
    out = track.xyxy.copy()
    for piece in _pieces(track):
        time_s, box = track.time_s[piece], to_cxcywh(track.xyxy[piece])
        told = np.concatenate(
            [
                _regression(time_s, box[:, :2], bandwidth.centre_s),
                _regression(time_s, box[:, 2:], bandwidth.size_s),
            ],
            axis=1,
        )
        sound = np.isfinite(told).all(axis=1) & (told[:, 2:] > 0).all(axis=1)
        out[piece][sound] = to_xyxy(told[sound])  # a slice is a view
    return out


def _pieces(track: Sights) -> Iterator[slice]:
    """The stretches of a track without an open gap, those that are long enough."""
    ends = [0, *((np.diff(track.frame) > 1).nonzero()[0] + 1).tolist(), len(track)]
    for first, last in itertools.pairwise(ends):
        if last - first >= _FEWEST_ROWS:
            yield slice(first, last)


def _regression(
    time_s: NDArray[np.float64], values: NDArray[np.float64], width_s: float, left_out_s: float = -1.0
) -> NDArray[np.float64]:
    """(N, C) local linear estimates of ``values`` (N, C) at their own times; not a number where nothing is near.

    Neighbours are taken offset by offset, so that memory grows with N alone.

    Reference: Fan and Gijbels 1996, eq. 3.6 (the sums s0, s1, s2).
    """
    count = len(time_s)
    s0, s1, s2 = np.zeros((3, count))
    y0, y1 = np.zeros((2, *values.shape))
    reach = _REACH * width_s + max(0.0, left_out_s)
    for offset in range(count):
        here, there = slice(0, count - offset), slice(offset, count)
        apart = time_s[there] - time_s[here]
        if offset and (apart > reach).all():
            break
        weight = np.exp(-0.5 * (apart / width_s) ** 2)
        weight[apart <= left_out_s] = 0
        for at, of, step in ((here, there, apart), (there, here, -apart)):
            s0[at] += weight
            s1[at] += weight * step
            s2[at] += weight * step * step
            y0[at] += weight[:, None] * values[of]
            y1[at] += (weight * step)[:, None] * values[of]
            if not offset:
                break
    return _line_at_zero(s0, s1, s2, y0, y1, width_s)


def _line_at_zero(
    s0: NDArray[np.float64],
    s1: NDArray[np.float64],
    s2: NDArray[np.float64],
    y0: NDArray[np.float64],
    y1: NDArray[np.float64],
    width_s: float,
) -> NDArray[np.float64]:
    """Value at zero of the weighted line; the weighted mean where the neighbours are all at one time."""
    determinant = s0 * s2 - s1 * s1
    lined = determinant > _SINGULAR * (s0 * width_s) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = y0 / s0[:, None]
        line = (s2[:, None] * y0 - s1[:, None] * y1) / determinant[:, None]
    return np.where(lined[:, None], line, mean)
