"""An RTSP server for tests: ``/usr/bin/python3 serve_rtsp.py PORT STREAM...``, each STREAM a JSON object.

Runs with the system's Python, which has GStreamer's bindings. A stream plays byte streams of its ``codec`` (with access unit
delimiters) one after the other, over and over, at ``rate_hz``; ``stall_s`` holds it up at every key frame, and what was held up
then comes at once; ``damage`` is the share of pictures of which bytes are overwritten. Prints ``ready`` when clients may come.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DELIMITERS = {"h264": b"\x00\x00\x00\x01\x09", "h265": b"\x00\x00\x00\x01\x46\x01"}
KEY_PICTURE = b"\x00\x00\x01\x65"


def pictures(path: str, delimiter: bytes) -> list[bytes]:
    """The access units of a byte stream."""
    parts = Path(path).read_bytes().split(delimiter)
    return [delimiter + part for part in parts if part]


class Source:
    """Feeds one pipeline."""

    def __init__(self, stream: Mapping[str, Any]) -> None:
        delimiter = DELIMITERS[stream["codec"]]
        self.units = [unit for path in stream["files"] for unit in pictures(path, delimiter)]
        self.period_ns = int(Gst.SECOND / stream["rate_hz"])
        self.stall_s = stream.get("stall_s", 0.0)
        self.damage = stream.get("damage", 0.0)
        self.chance = random.Random(7)  # noqa: S311  no secret
        self.number = 0

    def push(self, appsrc: Any, _length: int) -> None:
        """The next picture, at its time: GStreamer's clock paces what it sends."""
        unit = self.units[self.number % len(self.units)]
        if self.stall_s and KEY_PICTURE in unit:
            time.sleep(self.stall_s)
        if self.chance.random() < self.damage:
            at = self.chance.randrange(len(unit) // 2, len(unit))
            unit = unit[:at] + bytes(self.chance.randrange(256) for _ in unit[at:])
        buffer = Gst.Buffer.new_wrapped(unit)
        buffer.pts = buffer.dts = self.number * self.period_ns
        buffer.duration = self.period_ns
        self.number += 1
        appsrc.emit("push-buffer", buffer)


def factory(stream: Mapping[str, Any]) -> Any:
    """One pipeline for all clients of a stream, as in a camera."""
    made = GstRtspServer.RTSPMediaFactory()
    codec = stream["codec"]
    made.set_launch(
        "( appsrc name=source is-live=true format=time max-bytes=1 "
        f"caps=video/x-{codec},stream-format=byte-stream,alignment=au "
        f"! {codec}parse ! rtp{codec}pay name=pay0 pt=96 config-interval=-1 )"
    )
    made.set_shared(True)

    def configure(_factory: Any, media: Any) -> None:
        appsrc = media.get_element().get_by_name_recurse_up("source")
        appsrc.connect("need-data", Source(stream).push)

    made.connect("media-configure", configure)
    return made


def main(port: str, streams: Sequence[str]) -> None:
    """Serve until killed."""
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    for stream in map(json.loads, streams):
        server.get_mount_points().add_factory(f"/{stream['name']}", factory(stream))
    if not server.attach(None):
        sys.exit(f"cannot listen on port {port}")
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
