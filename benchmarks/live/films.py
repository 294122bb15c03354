"""Pictures for recordings and streams that stand for cameras, made of the sample recording."""

from __future__ import annotations

import os
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.capture.opening import open_footage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

_NOISE_LEVELS = 2.0
"""Standard deviation of the noise of a still camera: that of the empty ground of vtest.avi is 1 to 3 levels."""
_BACKGROUND_FRAMES = 40


def sample() -> Path:
    """The sample recording in the folder that ``SITEWATCH_DATA`` names: 795 frames of 768x576 at 10 frames/s."""
    return Path(os.environ["SITEWATCH_DATA"]).resolve() / "footage" / "vtest.avi"


def pictures(recording: Path, size: tuple[int, int] | None = None, every: int = 1) -> Iterator[Image]:
    """Frames of a recording, (H, W, 3) uint8 BGR.

    Args:
        recording: what to read.
        size: (width, height) to scale them to.
        every: only one frame in so many.
    """
    with closing(open_footage(recording, "film", image_rate_hz=25)) as footage:
        for frame in islice(footage.frames(), 0, None, every):
            image = frame.image
            yield image if size is None else np.asarray(cv2.resize(image, size), np.uint8)


def still_pictures(count: int) -> Iterator[Image]:
    """The empty scene of the sample recording, with the noise of a sensor and nothing else that changes."""
    stride = 795 // _BACKGROUND_FRAMES
    scene = np.median(np.stack(list(pictures(sample(), every=stride))), axis=0)
    random = np.random.default_rng(0)
    for _ in range(count):
        noisy = scene + random.normal(0, _NOISE_LEVELS, scene.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8)
