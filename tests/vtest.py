"""The grey pictures of OpenCV's vtest.avi (768x576), and what cameras do to a scene: noise and compression."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

RATE_HZ = 7.0
"""The true rate of the recording; its header says 10."""


def grey_pictures(data_dir: Path, width_px: int, every: int = 1) -> list[NDArray[np.uint8]]:
    """Every so many pictures of the recording, reduced by area to a width."""
    with av.open(str(data_dir / "footage/vtest.avi")) as container:
        return [
            reduced(np.asarray(frame.to_ndarray(format="gray"), np.uint8), width_px)
            for index, frame in enumerate(container.decode(video=0))
            if index % every == 0
        ]


def reduced(grey: NDArray[np.uint8], width_px: int) -> NDArray[np.uint8]:
    """Made smaller by area."""
    if grey.shape[1] == width_px:
        return grey
    size = (width_px, round(grey.shape[0] * width_px / grey.shape[1]))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def noisy(
    grey: NDArray[np.uint8], count: int, levels: float, rng: np.random.Generator
) -> list[NDArray[np.uint8]]:
    """The picture ``count`` times, each with noise of its own of a standard deviation of ``levels``."""
    return [
        np.clip(np.rint(grey + rng.normal(0, levels, grey.shape)), 0, 255).astype(np.uint8)
        for _ in range(count)
    ]


def through_h264(pictures: Sequence[NDArray[np.uint8]], crf: int) -> list[NDArray[np.uint8]]:
    """What is left after coding in H.264, a key frame every two seconds at 10 Hz."""
    coded = io.BytesIO()
    with av.open(coded, "w", format="matroska") as out:
        options = {"crf": str(crf), "g": "20", "bf": "0", "preset": "veryfast"}
        stream = out.add_stream("libx264", rate=10, options=options)
        stream.height, stream.width = pictures[0].shape
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="gray")
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode())
    coded.seek(0)
    with av.open(coded, "r") as container:
        return [np.asarray(f.to_ndarray(format="gray"), np.uint8) for f in container.decode(video=0)]
