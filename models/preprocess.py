"""From a picture of any size to the input of a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def check_image(image: NDArray[np.uint8]) -> None:
    """Refuse what is no picture.

    Raises:
        ValueError: not (H, W, 3) uint8, or without a pixel.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(f"an image must be (H, W, 3) uint8, is {image.shape} {image.dtype}")
    if not image.size:
        raise ValueError(f"an image must have pixels, is {image.shape}")


def stretch(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The whole picture at exactly the given size, whatever its aspect ratio (Darknet's way).

    Returns:
        (1, height, width, 3) uint8, contiguous, channels in the order of ``image``.
    """
    if image.shape[:2] == (height, width):
        return np.ascontiguousarray(image)[None]
    resized = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)[None]


@dataclass(frozen=True, slots=True)
class SizedPicture:
    """A picture, and the size that a network sees it in.

    Attributes:
        image: (H, W, 3) uint8.
        height: rows of the network's input.
        width: columns of it.
    """

    image: NDArray[np.uint8]
    height: int
    width: int

    def stretched(self) -> NDArray[np.uint8]:
        """(1, height, width, 3) uint8, made here and now."""
        return stretch(self.image, self.height, self.width)
