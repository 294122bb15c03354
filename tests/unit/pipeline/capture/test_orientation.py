"""The eight ways to lay a picture."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.capture.orientation import Orientation

ONE = 1 << 16
PICTURE = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


@pytest.mark.parametrize(
    ("a", "b", "c", "d", "expected"),
    [
        (1, 0, 0, 1, PICTURE),
        (-1, 0, 0, 1, PICTURE[:, ::-1]),
        (1, 0, 0, -1, PICTURE[::-1]),
        (-1, 0, 0, -1, np.rot90(PICTURE, 2)),
        (0, 1, 1, 0, PICTURE.swapaxes(0, 1)),
        (0, -1, 1, 0, np.rot90(PICTURE)),
        (0, 1, -1, 0, np.rot90(PICTURE, -1)),
        (0, -1, -1, 0, np.rot90(PICTURE, 2).swapaxes(0, 1)),
    ],
)
def test_each_lays_the_picture(a: int, b: int, c: int, d: int, expected: np.ndarray[tuple[int, ...]]) -> None:
    matrix = np.array([a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30], np.int32)
    laid = Orientation.from_display_matrix(matrix).apply(PICTURE)
    np.testing.assert_array_equal(laid, expected)
    assert laid.flags.c_contiguous


def test_slanted_matrices_go_to_the_nearest() -> None:
    slanted = np.array([ONE, ONE // 10, 0, -ONE // 10, ONE, 0, 0, 0, 1 << 30], np.int32)
    assert Orientation.from_display_matrix(slanted) == Orientation()
    assert Orientation.from_display_matrix(np.zeros(9, np.int32)) == Orientation()
