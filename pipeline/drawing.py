"""Boxes and numbers drawn on pictures, in colours that tell one person from the next."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Colour = tuple[int, int, int]
"""Blue, green, red, each 0-255."""

_GOLDEN_RATIO = 0.618033988749895
"""Multiples of it spread evenly over a circle, however many there are: neighbouring ids differ most in hue."""


def colour_of(number: int) -> Colour:
    """The colour of a track, always the same for the same id."""
    hue = number * _GOLDEN_RATIO % 1
    value = (1.0, 0.8)[number // 7 % 2]
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.75, value)
    return round(blue * 255), round(green * 255), round(red * 255)


def draw_box(image: NDArray[np.uint8], xyxy: NDArray[np.floating], label: str, colour: Colour) -> None:
    """Draw one box with its label into the picture itself.

    Args:
        image: (H, W, 3) uint8 BGR, changed in place.
        xyxy: (4,) pixels; may reach outside the picture.
        label: written on a plate above the box, or inside it at the upper edge of the picture; none when empty.
        colour: of frame and plate.
    """
    height, width = image.shape[:2]
    limit = np.array([width, height, width, height])
    left, top, right, bottom = (int(edge) for edge in np.round(np.clip(xyxy, -limit, 2 * limit)))
    thickness = max(1, round(height / 400))
    cv2.rectangle(image, (left, top), (right, bottom), colour, thickness)
    if label:
        _draw_label(image, (left, top), label, colour)


def _draw_label(image: NDArray[np.uint8], corner: tuple[int, int], label: str, colour: Colour) -> None:
    scale = max(0.35, image.shape[0] / 1300)
    (width, height), below = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    left = max(0, min(corner[0], image.shape[1] - width))
    foot = max(corner[1], height + below + 1)
    cv2.rectangle(image, (left, foot - height - below - 1), (left + width, foot), colour, cv2.FILLED)
    brightness = 0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2]
    ink = (0, 0, 0) if brightness > 128 else (255, 255, 255)
    cv2.putText(
        image, label, (left, foot - below), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 1, lineType=cv2.LINE_AA
    )
