"""Colour stripes: equal looks are equal, other colours are not, and odd boxes do no harm."""

from __future__ import annotations

import numpy as np
import pytest

from models.reid.colour_stripes import ColourStripes

_RED, _BLUE = (0, 0, 255), (255, 0, 0)


def picture() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Two people in red over blue, one in blue over red, on grey."""
    image = np.full((120, 200, 3), 128, np.uint8)
    for left, top, bottom in ((10, _RED, _BLUE), (80, _RED, _BLUE), (140, _BLUE, _RED)):
        image[10:55, left : left + 40] = top
        image[55:100, left : left + 40] = bottom
    return image


def test_the_same_clothes_look_the_same_and_swapped_ones_do_not() -> None:
    boxes = np.array([[10, 10, 50, 100], [80, 10, 120, 100], [140, 10, 180, 100]], np.float32)
    looks = ColourStripes().embed(picture(), boxes)
    assert looks.shape == (3, ColourStripes.dimension)
    assert looks.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(looks, axis=1), 1, atol=1e-6)
    assert looks[0] @ looks[1] == pytest.approx(1, abs=1e-6)
    assert looks[0] @ looks[2] < 0.2


def test_boxes_across_the_edge_are_cut_and_boxes_outside_are_zeros() -> None:
    boxes = np.array([[-30, -20, 40, 60], [-50, 0, -10, 90], [300, 0, 340, 90], [5, 5, 5, 5]], np.float32)
    norms = np.linalg.norm(ColourStripes().embed(picture(), boxes), axis=1)
    np.testing.assert_allclose(norms, [1, 0, 0, 0], atol=1e-6)


def test_no_boxes_no_looks() -> None:
    assert ColourStripes().embed(picture(), np.empty((0, 4), np.float32)).shape == (
        0,
        ColourStripes.dimension,
    )


def test_a_descriptor_does_not_depend_on_its_neighbours() -> None:
    boxes = np.array([[10, 10, 50, 100], [140, 10, 180, 100]], np.float32)
    model = ColourStripes()
    np.testing.assert_array_equal(model.embed(picture(), boxes)[1], model.embed(picture(), boxes[1:])[0])


def test_a_person_looks_the_same_from_far_and_near() -> None:
    near = np.kron(picture(), np.ones((4, 4, 1), np.uint8))
    boxes = np.array([[10, 10, 50, 100], [140, 10, 180, 100]], np.float32)
    model = ColourStripes()
    far_looks, near_looks = model.embed(picture(), boxes), model.embed(near, 4 * boxes)
    np.testing.assert_allclose((far_looks * near_looks).sum(axis=1), 1, atol=0.01)


def test_a_picture_may_be_a_view_of_another() -> None:
    mirrored = picture()[:, ::-1]
    boxes = np.array([[20, 10, 60, 100]], np.float32)
    model = ColourStripes()
    np.testing.assert_array_equal(model.embed(mirrored, boxes), model.embed(mirrored.copy(), boxes))


def test_stripes_go_from_head_to_feet() -> None:
    image = np.zeros((80, 40, 3), np.uint8)
    for stripe, colour in enumerate(((0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255))):
        image[20 * stripe : 20 * (stripe + 1)] = colour
    top_share = 0.05 / 0.95  # the margin above the head is left out
    box = np.array([[0, -80 * top_share, 40, 80]], np.float32)
    histograms = ColourStripes().embed(image, box).reshape(4, -1)
    assert [np.count_nonzero(histogram) for histogram in histograms] == [1, 1, 1, 1]
    assert len({int(histogram.argmax()) for histogram in histograms}) == 4
