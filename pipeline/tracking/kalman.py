"""Kalman filter of boxes, over all tracks at once.

Each of centre x, centre y, width and height moves with nearly constant velocity, disturbed by white-noise
acceleration. Noise is the same kind for each coordinate and independent between them, so that the usual 8-state
filter falls into four filters of two states whose 2x2 covariance is written out: no matrix is inverted.

All noise is in units of the person's height, all time in seconds: one setting holds for near and far people
and for any frame rate, constant or not.

Reference: Bar-Shalom, Li and Kirubarajan 2001, Estimation with Applications to Tracking and Navigation, 6.2.2
(discretised white-noise acceleration); Bewley et al. 2016 (boxes as states).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

POSITION, VELOCITY, VAR_POSITION, COVARIANCE, VAR_VELOCITY = range(5)
"""Rows of a track's (5, 4) block; its columns are centre x, centre y, width, height."""


@dataclass(frozen=True, slots=True)
class BoxNoise:
    """How boxes move and how well they are measured, in heights of the person.

    Attributes:
        acceleration: spectral density of the white-noise acceleration of the centre, heights / s^1.5.
        growth: the same of width and height.
        measurement: standard deviation of a detected centre, width or height, heights.
        start_velocity: standard deviation of the velocity of a new track, heights / s.
    """

    acceleration: float
    growth: float
    measurement: float
    start_velocity: float


class BoxKalman:
    """Predicts and corrects (N, 5, 4) float64 states; see :data:`POSITION` for their layout."""

    def __init__(self, noise: BoxNoise) -> None:
        self._noise = noise
        density = np.array([noise.acceleration, noise.acceleration, noise.growth, noise.growth])
        self._density = density**2  # (4,)

    def start(self, box: NDArray[np.float64]) -> NDArray[np.float64]:
        """States (N, 5, 4) of new tracks at ``box`` (N, 4) cxcywh, at rest with unknown velocity."""
        state = np.zeros((len(box), 5, 4))
        height = box[:, 3:]
        state[:, POSITION] = box
        state[:, VAR_POSITION] = (self._noise.measurement * height) ** 2
        state[:, VAR_VELOCITY] = (self._noise.start_velocity * height) ** 2
        return state

    def predict(self, state: NDArray[np.float64], elapsed_s: float) -> None:
        """Move ``state`` on by ``elapsed_s`` in place.

        Reference: Bar-Shalom 2001, eq. 6.2.2-12: Q = q [[t^3/3, t^2/2], [t^2/2, t]].
        """
        t = elapsed_s
        blocks = _by_row(state)
        position, velocity, var_position, covariance, var_velocity = blocks
        noise = self._density * np.square(position[:, 3:])  # (N, 4)
        noise *= t
        position += velocity * t
        spread = var_velocity * t
        var_position += (2 * covariance + spread) * t + noise * (t * t / 3)
        covariance += spread + noise * (t / 2)
        var_velocity += noise
        state[:] = blocks.transpose(1, 0, 2)

    def correct(
        self,
        state: NDArray[np.float64],
        box: NDArray[np.float64],
        relative_std: NDArray[np.float64] | float = 1.0,
    ) -> NDArray[np.float64]:
        """States (N, 5, 4) after measuring ``box`` (N, 4) cxcywh.

        Args:
            state: predicted states; not changed.
            box: measured boxes.
            relative_std: (N, 1) or scalar, scales the standard deviation of the measurement.
        """
        blocks = _by_row(state)
        position, velocity, var_position, covariance, var_velocity = blocks
        deviation = box[:, 3:] * self._noise.measurement * relative_std
        variance = deviation * deviation  # (N, 1)
        innovation = box - position
        total = var_position + variance
        gain = var_position / total
        gain_velocity = covariance / total
        position += gain * innovation
        velocity += gain_velocity * innovation
        var_velocity -= gain_velocity * covariance
        np.multiply(gain, variance, out=var_position)
        np.multiply(gain_velocity, variance, out=covariance)
        return blocks.transpose(1, 0, 2)


def _by_row(state: NDArray[np.float64]) -> NDArray[np.float64]:
    """A copy (5, N, 4) of ``state`` (N, 5, 4): arithmetic is faster where the values of all tracks lie together."""
    return state.transpose(1, 0, 2).copy()


def to_cxcywh(xyxy: NDArray[np.floating]) -> NDArray[np.float64]:
    """Centres and sizes (N, 4) of the boxes (N, 4)."""
    out = np.empty(xyxy.shape)
    first, last = xyxy[:, :2], xyxy[:, 2:]
    centre = out[:, :2]
    np.add(last, first, out=centre)
    centre *= 0.5
    np.subtract(last, first, out=out[:, 2:])
    return out


def to_xyxy(cxcywh: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners (N, 4) of the boxes (N, 4) given as centre and size."""
    out = np.empty(cxcywh.shape)
    centre, half = cxcywh[:, :2], cxcywh[:, 2:] * 0.5
    np.subtract(centre, half, out=out[:, :2])
    np.add(centre, half, out=out[:, 2:])
    return out
