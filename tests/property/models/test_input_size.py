"""The input of a network that follows the picture: whole strides, bounded, and of the picture's shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detectors.input_size import FixedInput, FollowingInput

SIZES = FollowingInput(32, 150_000, 442_368)


def picture(height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Of that size, in the memory of one pixel."""
    return np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (height, width, 3))


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_whole_strides_and_never_much_more_than_the_most(height: int, width: int) -> None:
    rows, columns = SIZES.of(picture(height, width))
    assert rows % 32 == columns % 32 == 0
    assert min(rows, columns) >= 32
    assert rows * columns <= 1.3 * 442_368  # each side is rounded to the nearest stride


@given(st.integers(1, 4000), st.floats(0.5, 2))
def test_the_shape_of_the_picture_is_kept(height: int, ratio: float) -> None:
    width = max(1, round(height * ratio))
    rows, columns = SIZES.of(picture(height, width))
    scale = (rows * columns / (height * width)) ** 0.5
    assert abs(rows - height * scale) <= 32
    assert abs(columns - width * scale) <= 32


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((576, 768), (576, 768)),  # as it is
        ((480, 640), (480, 640)),
        ((1080, 1920), (512, 896)),  # reduced
        ((90, 120), (320, 448)),  # enlarged
        ((1, 1), (384, 384)),
        ((1, 100_000), (32, 13_824)),  # a thread
    ],
)
def test_known_pictures(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert SIZES.of(picture(*size)) == expected


def test_a_fixed_input_asks_nobody() -> None:
    assert FixedInput(416, 544).of(picture(3, 5)) == (416, 544)
