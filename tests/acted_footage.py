"""Recordings of whatever pictures a test thinks of."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


def write_pictures(path: Path, pictures: Iterable[NDArray[np.uint8]], rate_hz: int | Fraction = 10) -> Path:
    """(H, W, 3) uint8 BGR pictures of one size as H.264; the suffix of ``path`` chooses the container."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate_hz, options={"preset": "veryfast"})
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = round(rate_hz)
        for index, picture in enumerate(pictures):
            if not stream.codec_context.is_open:
                stream.height, stream.width = picture.shape[:2]
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = index, 1 / Fraction(rate_hz)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path
