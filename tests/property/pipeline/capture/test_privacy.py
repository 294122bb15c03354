"""Privacy masks against matplotlib's geometry: nothing inside is seen, nothing far away is lost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from scipy.spatial import ConvexHull, QhullError

from pipeline.capture.privacy import PrivacyMask

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn
    from numpy.typing import NDArray

    from config.sections.cameras import Polygon

_MARGIN_PX = 4
_REDUCED_MARGIN_PX = 1

sides = st.integers(2, 90)
fractions = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
any_polygons = st.lists(st.tuples(fractions, fractions), min_size=3, max_size=8).map(tuple)


@st.composite
def outlines_without_crossings(draw: DrawFn) -> Polygon:
    """Corners around a centre, less than half a turn from one to the next, at any distance."""
    count = draw(st.integers(3, 9))
    corners = []
    for i in range(count):
        angle = 2 * math.pi * (i + draw(st.floats(0, 0.4))) / count
        radius = draw(st.floats(0.02, 0.5))
        corners.append((0.5 + radius * math.cos(angle), 0.5 + radius * math.sin(angle)))
    return tuple((min(1.0, x), min(1.0, y)) for x, y in corners)


def closed(polygon: Polygon, height: int, width: int) -> Path:
    corners = np.array(polygon) * (width, height)
    return Path(np.vstack([corners, corners[:1]]), closed=True)


def seen(polygon: Polygon, height: int, width: int) -> NDArray[np.bool_]:
    image = np.full((height, width, 3), 255, np.uint8)
    PrivacyMask([polygon], height, width).apply(image)
    assert ((image == 0) | (image == 255)).all()
    assert (image == image[:, :, :1]).all()
    return np.asarray(image[:, :, 0] == 255, np.bool_)


@given(any_polygons, sides, sides)
@settings(deadline=None)
def test_no_pixel_inside_is_seen(polygon: Polygon, height: int, width: int) -> None:
    """Whether the outline crosses itself or not."""
    y, x = np.mgrid[:height, :width].reshape(2, -1) + 0.5
    inside = closed(polygon, height, width).contains_points(np.column_stack([x, y])).reshape(height, width)
    assert not seen(polygon, height, width)[inside].any()


@given(any_polygons, sides, sides)
@settings(deadline=None)
def test_all_pixels_that_the_corners_lie_in_are_masked_with_the_margin(
    polygon: Polygon, height: int, width: int
) -> None:
    left = seen(polygon, height, width)
    for x, y in polygon:
        row, column = min(int(y * height), height - 1), min(int(x * width), width - 1)
        around = (slice(max(0, i - _MARGIN_PX), i + _MARGIN_PX + 1) for i in (row, column))
        assert not left[tuple(around)].any()


@given(outlines_without_crossings(), sides, sides)
@settings(deadline=None, max_examples=50)
def test_what_lies_far_from_the_outline_is_untouched(polygon: Polygon, height: int, width: int) -> None:
    path, left = closed(polygon, height, width), seen(polygon, height, width)
    far_px = _MARGIN_PX + 2
    for row in range(0, height, 3):
        for column in range(0, width, 3):
            near = Bbox.from_extents(
                column + 0.5 - far_px, row + 0.5 - far_px, column + 0.5 + far_px, row + 0.5 + far_px
            )
            assert left[row, column] or path.intersects_bbox(near, filled=True)


@given(any_polygons, sides, sides)
@settings(deadline=None, max_examples=50)
def test_an_outline_that_crosses_itself_hides_no_more_than_its_hull(
    polygon: Polygon, height: int, width: int
) -> None:
    corners = np.array(polygon) * (width, height)
    try:
        faces = ConvexHull(corners).equations  # (F, 3): outward normal, offset
    except QhullError:
        return  # all on one line
    y, x = np.mgrid[:height, :width].reshape(2, -1) + 0.5
    beyond = (faces @ np.vstack([x, y, np.ones_like(x)])).max(axis=0).reshape(height, width)
    # The margin is a square: its corners reach the root of 2 times as far as its sides.
    assert seen(polygon, height, width)[beyond > math.sqrt(2) * (_MARGIN_PX + 2)].all()


@given(any_polygons, sides, sides, st.integers(1, 6))
@settings(deadline=None)
def test_a_reduced_picture_is_masked_wherever_a_masked_pixel_went(
    polygon: Polygon, height: int, width: int, factor: int
) -> None:
    """Each pixel of a picture reduced by area is black if the polygon covers the centre of any pixel in it."""
    y, x = np.mgrid[: height * factor, : width * factor].reshape(2, -1) + 0.5
    inside = closed(polygon, height * factor, width * factor).contains_points(np.column_stack([x, y]))
    touched = inside.reshape(height, factor, width, factor).any(axis=(1, 3))
    mask = PrivacyMask([polygon], height * factor, width * factor)
    for _ in range(2):  # made, then remembered
        luma = np.full((height, width), 255, np.uint8)
        mask.apply_luma(luma)
        assert not luma[touched].any()
