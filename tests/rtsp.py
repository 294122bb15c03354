"""A real RTSP server on this machine."""

from __future__ import annotations

import json
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.streams import Codec

SYSTEM_PYTHON = Path("/usr/bin/python3")
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
