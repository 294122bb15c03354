"""Privacy masks on the shapes that people draw, and what leaks through FFmpeg's scaling."""

from __future__ import annotations

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

from pipeline.capture.privacy import PrivacyMask

_HEIGHT, _WIDTH = 120, 200


def masked_share(*polygons: tuple[tuple[float, float], ...]) -> float:
    image = np.full((_HEIGHT, _WIDTH, 3), 255, np.uint8)
    PrivacyMask(polygons, _HEIGHT, _WIDTH).apply(image)
    return float((image == 0).mean())


def test_no_masks_change_nothing() -> None:
    assert masked_share() == 0


def test_the_whole_picture() -> None:
    assert masked_share(((0, 0), (1, 0), (1, 1), (0, 1))) == 1


def test_corners_in_the_wrong_order_hide_what_was_meant() -> None:
    in_order = masked_share(((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)))
    crossed = masked_share(((0.2, 0.2), (0.8, 0.8), (0.8, 0.2), (0.2, 0.8)))
    assert crossed == in_order


def test_a_notch_of_a_simple_outline_stays_seen() -> None:
    u_shaped = (
        (0.1, 0.1),
        (0.3, 0.1),
        (0.3, 0.7),
        (0.7, 0.7),
        (0.7, 0.1),
        (0.9, 0.1),
        (0.9, 0.9),
        (0.1, 0.9),
    )
    image = np.full((_HEIGHT, _WIDTH, 3), 255, np.uint8)
    PrivacyMask([u_shaped], _HEIGHT, _WIDTH).apply(image)
    assert image[30, 100].all()
    assert not image[30, 40].any()
    assert not image[100, 100].any()


@pytest.mark.parametrize(
    "polygon", [((0.5, 0.5),) * 3, ((0.1, 0.5), (0.9, 0.5), (0.5, 0.5)), ((0.1, 0.1), (0.1, 0.1), (0.9, 0.9))]
)
def test_outlines_without_an_area_hide_their_line(polygon: tuple[tuple[float, float], ...]) -> None:
    assert masked_share(polygon) >= 11**2 / (_HEIGHT * _WIDTH)


def test_a_picture_of_another_size_is_refused() -> None:
    mask = PrivacyMask([((0, 0), (1, 0), (1, 1))], _HEIGHT, _WIDTH)
    with pytest.raises(ValueError, match=r"\(120, 200, 3\), picture of shape \(240, 200, 3\)"):
        mask.apply(np.zeros((240, 200, 3), np.uint8))


@pytest.mark.parametrize("pixel_format", ["yuv420p", "nv12", "yuv422p"])
@pytest.mark.parametrize("height", [360, 269, 240, 121, 100])
@pytest.mark.parametrize("left", [150, 151, 153])
def test_no_colour_of_the_area_leaves_it_when_the_picture_is_made_smaller(
    pixel_format: str, height: int, left: int
) -> None:
    """Outside the area the picture is black: what is not black afterwards came from inside, through the filter."""
    full_height, full_width = 360, 640
    right, top, bottom = left + 101, left - 50, left + 51
    picture = np.zeros((full_height, full_width, 3), np.uint8)
    picture[top:bottom, left:right] = (255, 0, 255)
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format=pixel_format)
    width = round(full_width * height / full_height)
    smaller = np.asarray(VideoReformatter().reformat(frame, width, height, "bgr24").to_ndarray(), np.uint8)
    assert smaller.max() > 200
    x0, x1, y0, y1 = left / full_width, right / full_width, top / full_height, bottom / full_height
    PrivacyMask([((x0, y0), (x1, y0), (x1, y1), (x0, y1))], height, width).apply(smaller)
    assert smaller.max() <= 3  # a step of rounding: black comes back as 1 or 2
