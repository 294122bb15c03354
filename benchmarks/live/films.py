"""Recordings and streams that stand for cameras: H.264 as cameras send it, made of the sample recording."""

from __future__ import annotations

import os
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np

from pipeline.capture.opening import open_footage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def write_film(path: Path, images: Iterable[Image], rate_hz: int) -> Path:
    """H.264 without B frames and with a key frame every second, as cameras do it.

    Pictures are whole: GStreamer repeats the parameters of a stream before each slice of a key picture, and FFmpeg would take
    every slice for a picture of its own.

    Args:
        path: to write; its suffix says what kind, ``.h264`` for a bare byte stream that ``tests.rtsp`` can serve.
        images: (H, W, 3) uint8 BGR, all of one size.
        rate_hz: frames a second.
    """
    whole = "aud=1:sliced-threads=0:slices=1"
    options = {"preset": "veryfast", "bf": "0", "g": str(rate_hz), "x264-params": whole}
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate_hz, options=options)
        stream.pix_fmt = "yuv420p"
        for image in images:
            if not stream.codec_context.is_open:
                stream.height, stream.width = image.shape[:2]
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        out.mux(stream.encode(None))
    return path


def still_pictures(count: int) -> Iterator[Image]:
    """The empty scene of the sample recording, with the noise of a sensor and nothing else that changes."""
    stride = 795 // _BACKGROUND_FRAMES
    scene = np.median(np.stack(list(pictures(sample(), every=stride))), axis=0)
    random = np.random.default_rng(0)
    for _ in range(count):
        noisy = scene + random.normal(0, _NOISE_LEVELS, scene.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8)
