"""Ten cameras on one device: frames that the daemon processes, beside what the detector alone is capable of.

The bare side is one process that gives pictures in memory to the detector, in batches as it likes them, and does nothing else; the
daemon decodes, batches, tracks and writes on the same cores. Where the detector can do more than the cameras give, the daemon is held
against what they give.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.live.figures import Figure
from benchmarks.live.films import pictures, sample
from benchmarks.live.sites import running_site, use
from config.sections.detector import DetectorSettings
from models.registry import build_detector
from tests.streams import write_stream

if TYPE_CHECKING:
    from benchmarks.live.sites import Use

_MUST, _AIM = 0.9, 0.97
_CAMERAS, _RATE_HZ, _SIZE = 10, 5, (640, 480)
_DETECTOR = {"name": "yolov3-tiny"}
_PICTURES = 100
_SETTLE_S = 5.0


def measure(*, quick: bool) -> list[Figure]:
    """Median of ratios, bare detector and daemon in turn."""
    rounds, seconds = (1, 10.0) if quick else (5, 40.0)
    bare, uses = [], []
    with TemporaryDirectory() as folder:
        # every other frame of a recording of 10 frames/s, at its own speed
        film = write_stream(Path(folder) / "vtest.mp4", pictures(sample(), _SIZE, every=2), _RATE_HZ)
        for _ in range(rounds):
            bare.append(_in_a_process(film, seconds))
            uses.append(_daemon(film, seconds))
    daemon = [used.processed / used.seconds for used in uses]
    batch = statistics.median(used.processed / max(used.detect.count, 1) for used in uses)
    cores = {
        role: statistics.median(used.cores(role) for used in uses) for role in ("reader", "daemon", "worker")
    }
    busy = statistics.median(used.detect.seconds / used.seconds for used in uses)
    offered_hz = _CAMERAS * _RATE_HZ
    ratio = statistics.median(
        share(rate_hz, capacity, offered_hz) for rate_hz, capacity in zip(daemon, bare, strict=True)
    )
    note = (
        f"daemon {statistics.median(daemon):.2f}, bare detector {statistics.median(bare):.2f}, cameras {offered_hz} "
        f"frames/s; {batch:.1f} frames a batch; {rounds} x {seconds:.0f} s each in turn. Cores: "
        + ", ".join(f"{role} {used:.2f}" for role, used in cores.items())
        + f"; the network was at work for {100 * busy:.0f} % of the time"
    )
    what = f"{_CAMERAS} paced cameras, frames processed / what the bare detector can"
    return [Figure(what, ratio, "", _MUST, _AIM, at_least=True, note=note)]


def share(processed_hz: float, capacity_hz: float, offered_hz: float) -> float:
    """What was processed, of what could have been: no more than the detector can, and no more than there is."""
    return processed_hz / min(capacity_hz, offered_hz)


def _daemon(film: Path, seconds: float) -> Use:
    cameras: list[dict[str, Any]] = [{"id": f"cam{n}", "source": str(film)} for n in range(_CAMERAS)]
    with running_site(cameras, detector=_DETECTOR) as daemon:
        time.sleep(_SETTLE_S)
        return use(daemon, seconds)


def _in_a_process(film: Path, seconds: float) -> float:
    """The bare detector in a process of its own, as the daemon's worker is."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        return executor.submit(detector_rate_hz, film, seconds).result()


def detector_rate_hz(film: Path, seconds: float) -> float:
    """Frames a second that the detector alone takes from memory."""
    detector = build_detector(DetectorSettings.model_validate(_DETECTOR))
    images = cycle(list(islice(pictures(film), _PICTURES)))
    for _ in range(3):
        detector.detect(list(islice(images, detector.batch_size)))
    count, began_s = 0, time.perf_counter()
    while (took_s := time.perf_counter() - began_s) < seconds:
        count += len(detector.detect(list(islice(images, detector.batch_size))))
    return count / took_s
