"""The Kalman filter against filterpy, with the same model written as one 8-state filter."""

from __future__ import annotations

import numpy as np
from filterpy.kalman import KalmanFilter

from pipeline.tracking.kalman import POSITION, VELOCITY, BoxKalman, BoxNoise

_NOISE = BoxNoise(acceleration=0.3, growth=0.1, measurement=0.1, start_velocity=0.6)
_TOLERANCE = 1e-9


def test_follows_filterpy_over_uneven_steps() -> None:
    random = np.random.default_rng(3)
    boxes = np.array([100.0, 80, 40, 110]) + np.cumsum(random.normal(0, 3, (40, 4)), axis=0)
    steps_s = random.uniform(0.02, 0.5, len(boxes) - 1)
    ours = BoxKalman(_NOISE)
    state = ours.start(boxes[:1])
    oracle = _oracle(boxes[0])
    for box, step_s in zip(boxes[1:], steps_s, strict=True):
        oracle.F[:4, 4:] = np.eye(4) * step_s
        oracle.Q = _process_noise(float(oracle.x[3, 0]), step_s)
        oracle.predict()
        oracle.R = np.eye(4) * (_NOISE.measurement * box[3]) ** 2
        oracle.update(box[:, None])
        ours.predict(state, step_s)
        state = ours.correct(state, box[None])
        np.testing.assert_allclose(state[0, POSITION], oracle.x[:4, 0], rtol=_TOLERANCE)
        np.testing.assert_allclose(state[0, VELOCITY], oracle.x[4:, 0], rtol=_TOLERANCE, atol=_TOLERANCE)
        np.testing.assert_allclose(state[0, 2], np.diag(oracle.P)[:4], rtol=1e-6)
        np.testing.assert_allclose(state[0, 3], np.diag(oracle.P[:4, 4:]), rtol=1e-6)
        np.testing.assert_allclose(state[0, 4], np.diag(oracle.P)[4:], rtol=1e-6)


def _oracle(box: np.ndarray[tuple[int], np.dtype[np.float64]]) -> KalmanFilter:
    oracle = KalmanFilter(dim_x=8, dim_z=4)
    oracle.x = np.concatenate([box, np.zeros(4)])[:, None]
    oracle.H = np.eye(4, 8)
    position, velocity = (_NOISE.measurement * box[3]) ** 2, (_NOISE.start_velocity * box[3]) ** 2
    oracle.P = np.diag([position] * 4 + [velocity] * 4)
    oracle.F = np.eye(8)
    return oracle


def _process_noise(height: float, t: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    density = (np.array([_NOISE.acceleration] * 2 + [_NOISE.growth] * 2) * height) ** 2
    q = np.zeros((8, 8))
    q[:4, :4] = np.diag(density * t**3 / 3)
    q[:4, 4:] = q[4:, :4] = np.diag(density * t**2 / 2)
    q[4:, 4:] = np.diag(density * t)
    return q
