"""What a camera costs whose scene stands still: 768x576 at 10 frames/s, with the noise of its sensor.

One daemon, first with nothing but a camera that cannot be had, then with the still one besides: what the daemon and its worker use
more is the still camera's doing. A frame is looked at every ``motion_gate.look_every_s``, which takes the network's time; what is
left without that shows the same with the stub.
"""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.live.figures import Figure
from benchmarks.live.films import still_pictures
from benchmarks.live.sites import Use, started_site, use
from tests.rtsp import Stream, free_port, is_installed, rtsp_server
from tests.streams import write_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

_MUST, _AIM = 4.0, 2.0
_RATE_HZ = 10
_PICTURES = 300
_SETTLE_S = 8.0
"""Longer than the gate stays open after the picture began, and than its background takes to settle."""
_LOADED_S = 300.0
_DETECTORS = ("stub", "yolov3-tiny")


def measure(*, quick: bool) -> list[Figure]:
    """Percent of a core; median of rounds."""
    rounds, seconds = (1, 15.0) if quick else (3, 60.0)
    with TemporaryDirectory() as folder, _still_camera(Path(folder)) as address:
        uses = {
            detector: [_without_and_with(address, detector, seconds) for _ in range(rounds)]
            for detector in _DETECTORS
        }
    how = f"{'RTSP' if '://' in address else 'file (no RTSP server here)'}, {rounds} x {seconds:.0f} s"
    every = [pair for pairs in uses.values() for pair in pairs]
    reader = statistics.median(100 * still.cores("reader") for _, still in every)
    figures = [Figure("still camera at 10 frames/s, reader, of a core", reader, "%", _MUST, _AIM, note=how)]
    for detector, pairs in uses.items():
        added = {
            role: statistics.median(added_percent(*pair, role) for pair in pairs)
            for role in ("daemon", "worker")
        }
        looks_hz = statistics.median(still.processed / still.seconds for _, still in pairs)
        look_ms = statistics.median(1000 * still.detect.mean_s for _, still in pairs)
        note = (
            f"daemon {added['daemon']:.2f}, worker {added['worker']:.2f} %; {looks_hz:.2f} looks a second, "
            f"{look_ms:.1f} ms each"
        )
        what = f"still camera, daemon and worker added, {detector}, of a core"
        figures.append(Figure(what, sum(added.values()), "%", _MUST, _AIM, note=note))
    return figures


def added_percent(without: Use, still: Use, role: str) -> float:
    """What a role uses more with the still camera than without, percent of a core."""
    return 100 * (still.cores(role) - without.cores(role))


def _without_and_with(address: str, detector: str, seconds: float) -> tuple[Use, Use]:
    nobody: dict[str, Any] = {"id": "nobody", "source": f"rtsp://127.0.0.1:{free_port()}/nobody"}
    still: dict[str, Any] = {"id": "still", "source": address, "motion_gate": True}
    sections: dict[str, Any] = {
        "detector": {"name": detector},
        "capture": {"reconnect_first_s": 60.0, "reconnect_longest_s": 60.0},
    }
    with started_site([nobody], **sections) as daemon:
        daemon.wait(lambda: daemon.log("worker ready") and daemon.log("camera down"), _LOADED_S)
        time.sleep(_SETTLE_S / 2)
        without = use(daemon, seconds / 2)
        daemon.configure([nobody, still], **sections)
        daemon.reload()
        daemon.wait_until_processing("still")
        time.sleep(_SETTLE_S)
        return without, use(daemon, seconds)


@contextmanager
def _still_camera(folder: Path) -> Iterator[str]:
    """An address of the still camera: RTSP where the server is installed, else a recording of it."""
    if not is_installed():
        yield str(write_stream(folder / "still.mp4", still_pictures(_PICTURES), _RATE_HZ))
        return
    stream = write_stream(folder / "still.h264", still_pictures(_PICTURES), _RATE_HZ)
    port = free_port()
    with ExitStack() as stack:
        stack.enter_context(rtsp_server(port, Stream("still", (stream,), float(_RATE_HZ))))
        yield f"rtsp://127.0.0.1:{port}/still"
