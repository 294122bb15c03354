from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from pipeline.drawing import colour_of, draw_box


def test_colours_are_stable_and_differ_between_neighbours() -> None:
    assert colour_of(5) == colour_of(5)
    colours = [np.array(colour_of(number)) for number in range(60)]
    assert all(np.abs(a - b).max() > 60 for a, b in pairwise(colours))
    assert all(((colour >= 0) & (colour <= 255)).all() for colour in colours)


def test_a_box_is_drawn_along_its_edges() -> None:
    image = np.zeros((100, 120, 3), np.uint8)
    draw_box(image, np.array([30, 40, 80, 90], np.float32), "", (0, 255, 0))
    assert image[40, 50].tolist() == [0, 255, 0]
    assert image[65, 30].tolist() == [0, 255, 0]
    assert not image[60, 50].any()


def test_a_label_adds_ink_above_the_box() -> None:
    image = np.zeros((100, 120, 3), np.uint8)
    draw_box(image, np.array([30, 40, 80, 90], np.float32), "12", (0, 255, 0))
    assert image[20:39].any()


@pytest.mark.parametrize(
    "box", [[-1e9, -1e9, 1e9, 1e9], [0, 0, 0, 0], [-50, -50, -10, -10], [500, 500, 600, 600], [0, -3, 5, 5]]
)
@pytest.mark.parametrize("shape", [(1, 1, 3), (100, 120, 3)])
def test_boxes_may_lie_anywhere(box: list[float], shape: tuple[int, int, int]) -> None:
    image = np.zeros(shape, np.uint8)
    draw_box(image, np.array(box, np.float32), "a long label", (1, 2, 3))
    assert image.shape == shape
