"""Recordings and byte streams as cameras make them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import av

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

Codec = Literal["h264", "h265"]
_ENCODERS: dict[Codec, tuple[str, dict[str, str]]] = {
    "h264": ("libx264", {"x264-params": "aud=1:sliced-threads=0:slices=1"}),
    "h265": ("libx265", {"x265-params": "aud=1:log-level=error"}),
}


def write_stream(
    path: Path, images: Iterable[NDArray[np.uint8]], rate_hz: int, codec: Codec = "h264"
) -> Path:
    """Pictures as cameras send them: without B frames and with a key frame every second.

    Pictures are whole: GStreamer repeats the parameters of a stream before each slice of a key picture, and FFmpeg would take
    every slice for a picture of its own.

    Args:
        path: to write; its suffix says what kind, ``.h264`` or ``.hevc`` for a bare byte stream that can be served.
        images: (H, W, 3) uint8 BGR, all of one size.
        rate_hz: frames a second.
        codec: of the pictures.
    """
    encoder, parameters = _ENCODERS[codec]
    with av.open(str(path), "w", format=path.suffix.removeprefix(".")) as container:
        stream = container.add_stream(
            encoder, rate=rate_hz, options={"preset": "veryfast", "bf": "0", **parameters}
        )
        assert isinstance(stream, av.VideoStream)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = rate_hz
        stream.codec_context.time_base = Fraction(1, rate_hz)
        for image in images:
            if not stream.codec_context.is_open:
                stream.height, stream.width = image.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        container.mux(stream.encode(None))
    return path
