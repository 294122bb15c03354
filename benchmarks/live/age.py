"""How old a frame is when what was seen in it is in the database, on a site that asks for less than the device can do."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.live.figures import Figure
from benchmarks.live.films import pictures, sample
from benchmarks.live.sites import Stage, running_site, stages
from config.sections.batching import BatchingSettings
from config.sections.storage import StorageSettings
from pipeline.status.reading import Buckets
from tests.streams import write_stream

if TYPE_CHECKING:
    from tests.daemons import RunningDaemon

_CAMERAS, _RATE_HZ = 2, 1.0
_SETTLE_S = 5.0
_TIMES = 2.0
_Q = 0.95


def measure(*, quick: bool) -> list[Figure]:
    """The 95th percentile of all ages of one run, as far as the buckets of the metrics tell."""
    seconds = 15.0 if quick else 180.0
    with TemporaryDirectory() as folder:
        film = write_stream(Path(folder) / "vtest.mp4", pictures(sample()), 10)
        cameras: list[dict[str, Any]] = [
            {"id": f"cam{n}", "source": str(film), "max_rate_hz": _RATE_HZ} for n in range(_CAMERAS)
        ]
        with running_site(cameras, detector={"name": "yolov3-tiny"}) as daemon:
            time.sleep(_SETTLE_S)
            before, detect_before = _ages(daemon), stages(daemon).get("detect", Stage())
            time.sleep(seconds)
            ages = {name: after.since(before[name]) for name, after in _ages(daemon).items()}
            inference_s = stages(daemon)["detect"].since(detect_before).mean_s
    must_ms = 1000 * bound_s(BatchingSettings().max_window_s, inference_s)
    commit = ages["commit"]
    p50, p95 = (_ms(commit.quantile(q)) for q in (0.5, _Q))
    detection = _ms(ages["detection"].quantile(_Q))
    note = (
        f"{_CAMERAS} cameras of {_RATE_HZ:g} frames/s, {commit.count:.0f} frames, between bounds of "
        f"{' to '.join(f'{1000 * bound:g}' for bound in around(commit, _Q))} ms; median {p50:.0f} ms; p95 at detection "
        f"{detection:.0f} ms; inference {1000 * inference_s:.0f} ms a batch; the writer commits every "
        f"{1000 * StorageSettings().live_write_interval_s:.0f} ms"
    )
    what = "age at commit, p95; must: 2 x (batch window + inference)"
    return [Figure(what, p95, "ms", must_ms, note=note)]


def bound_s(window_s: float, inference_s: float) -> float:
    """How old a frame may be, by the longest wait for company and what the network takes for a batch."""
    return _TIMES * (window_s + inference_s)


def around(buckets: Buckets, q: float) -> tuple[float, float]:
    """The bounds of the bucket in which a quantile lies: no histogram tells more."""
    below = 0.0
    for bound, number in sorted(buckets.cumulative.items()):
        if number >= q * buckets.count:
            return below, bound
        below = bound
    return below, below


def _ages(daemon: RunningDaemon) -> dict[str, Buckets]:
    """Of all cameras together, at detection and at commit."""
    cameras = daemon.figures().cameras.values()
    return {
        "detection": _together([camera.age_at_detection for camera in cameras]),
        "commit": _together([camera.age_at_commit for camera in cameras]),
    }


def _together(histograms: list[Buckets]) -> Buckets:
    total: dict[float, float] = defaultdict(float)
    for each in histograms:
        for bound, number in each.cumulative.items():
            total[bound] += number
    return Buckets(total)


def _ms(seconds: float | None) -> float:
    return float("nan") if seconds is None else 1000 * seconds
