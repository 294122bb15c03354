"""Pictures that are stretched on the device look as those that OpenCV stretches."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.preprocess import stretch
from models.runtime.device_queue import stretched

_TOLERANCE = 1
"""Grey levels: OpenCV's bilinear weights are whole 2,048ths."""

sides = st.integers(1, 150)


@settings(deadline=None)
@given(sides, sides, sides, sides, st.integers(0, 2**32 - 1))
def test_within_a_grey_level_of_opencv(height: int, width: int, rows: int, columns: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    ours = stretched(torch.from_numpy(picture), rows, columns).numpy()
    theirs = stretch(picture, rows, columns)[0]
    assert ours.dtype == np.uint8
    assert ours.shape == theirs.shape
    assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= _TOLERANCE


@given(st.integers(0, 255), sides, sides)
def test_an_even_picture_stays_as_it_is(level: int, rows: int, columns: int) -> None:
    picture = torch.full((5, 9, 3), level, dtype=torch.uint8)
    assert (stretched(picture, rows, columns) == level).all()
