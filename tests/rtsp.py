"""A real RTSP server on this machine, and streams for it."""

from __future__ import annotations

import json
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import av

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

SYSTEM_PYTHON = Path("/usr/bin/python3")
Codec = Literal["h264", "h265"]
_ENCODERS: dict[Codec, tuple[str, dict[str, str]]] = {
    "h264": ("libx264", {"x264-params": "aud=1:sliced-threads=0:slices=1"}),
    "h265": ("libx265", {"x265-params": "aud=1:log-level=error"}),
}
_SCRIPT = Path(__file__).parent / "servers" / "serve_rtsp.py"
PACKAGES = (
    "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good gstreamer1.0-plugins-bad "
    "gstreamer1.0-plugins-base"
)


def is_installed() -> bool:
    """Whether the system's Python can serve RTSP."""
    code = (
        "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst; Gst.init(None);"
        "raise SystemExit(not Gst.ElementFactory.find('h264parse'))"
    )
    return (
        SYSTEM_PYTHON.exists()
        and subprocess.run([SYSTEM_PYTHON, "-c", code], check=False, capture_output=True).returncode == 0
    )


def free_port() -> int:
    """A port on which nobody listens just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Stream:
    """What is served under a name: see ``servers/serve_rtsp.py``."""

    name: str
    files: tuple[Path, ...]
    rate_hz: float = 10.0
    stall_s: float = 0.0
    damage: float = 0.0
    codec: Codec = "h264"


@contextmanager
def rtsp_server(port: int, *streams: Stream) -> Iterator[subprocess.Popen[bytes]]:
    """Serve ``rtsp://127.0.0.1:PORT/NAME`` until the block ends."""
    described = [json.dumps(asdict(stream), default=str) for stream in streams]
    with subprocess.Popen(
        [SYSTEM_PYTHON, _SCRIPT, str(port), *described], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line == b"ready\n", f"the RTSP server did not start: {line!r}"
            yield process
        finally:
            process.kill()


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
