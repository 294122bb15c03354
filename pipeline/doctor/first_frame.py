"""The first frame of a camera, decoded in a process that can be killed: ``python -m pipeline.doctor.first_frame``.

FFmpeg may hang or crash. What is to be opened comes as JSON on standard input, since a command line shows what everybody may
see; what was seen goes as JSON to standard output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pipeline.process_life import die_with_parent

if TYPE_CHECKING:
    from config.sections.capture import CaptureSettings

_MODULE = "pipeline.doctor.first_frame"
_HANG_MARGIN_S = 5.0
"""FFmpeg keeps its own time-outs; when it is late by so much, the start of the process included, it hangs."""


class NoFrame(Exception):
    """The camera gave no frame. The message may hold credentials."""


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """What a camera sends.

    Attributes:
        height, width: pixels, as the camera sends it.
        codec: name of the codec.
        rate_hz: frames a second that it states; None if it does not say.
    """

    height: int
    width: int
    codec: str
    rate_hz: float | None


def first_frame(address: str, transport: str, capture: CaptureSettings) -> FirstFrame:
    """Open a camera, and decode one frame.

    Args:
        address: with user and password, if it takes any.
        transport: tcp or udp, for RTSP.
        capture: time-outs.

    Raises:
        NoFrame: it cannot be opened, or gives none.
    """
    asked = {
        "parent": os.getpid(),
        "address": address,
        "transport": transport,
        "open_timeout_s": capture.open_timeout_s,
        "read_timeout_s": capture.read_timeout_s,
    }
    limit_s = capture.open_timeout_s + capture.read_timeout_s + _HANG_MARGIN_S
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and module
            [sys.executable, "-P", "-m", _MODULE],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
            timeout=limit_s,
        )
    except subprocess.TimeoutExpired:
        raise NoFrame(f"FFmpeg hung, and was killed after {limit_s:g} s") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise NoFrame(f"FFmpeg crashed (exit status {done.returncode})") from None
    if "lost" in answer:
        raise NoFrame(answer["lost"])
    return FirstFrame(**answer)


class _Unwatched:
    """A watcher that looks on."""

    def progress(self) -> None:
        """Nobody waits for it."""

    def damaged(self) -> None:
        """Before the first whole frame of a running stream there often is."""


def main() -> None:
    """Open what standard input names, and tell of its first frame."""
    from pipeline.capture.live.stream import CameraLost, open_stream

    asked = json.load(sys.stdin)
    parent = asked.pop("parent")
    die_with_parent(parent)
    answer: dict[str, object] = {"lost": "it ended before its first frame"}
    try:
        with open_stream(asked.pop("address"), **asked, watcher=_Unwatched()) as stream:
            for taken in stream.frames():
                opened, picture = stream.opened, taken.picture
                answer = asdict(FirstFrame(picture.height, picture.width, opened.codec, opened.rate_hz))
                break
    except CameraLost as lost:
        answer = {"lost": str(lost)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
