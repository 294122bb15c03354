"""Memory while nothing special happens, for long: two cameras, the default network."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.live.films import pictures, sample
from benchmarks.live.growth import figures, watch
from benchmarks.live.sites import running_site
from tests.streams import write_stream

if TYPE_CHECKING:
    from benchmarks.live.figures import Figure

_CAMERAS, _RATE_HZ = 2, 2.0


def measure(*, quick: bool) -> list[Figure]:
    """Growth from a tenth of the time to the end."""
    minutes = 2 if quick else 20
    with TemporaryDirectory() as folder:
        film = write_stream(Path(folder) / "vtest.mp4", pictures(sample()), 10)
        cameras: list[dict[str, Any]] = [
            {"id": f"cam{n}", "source": str(film), "max_rate_hz": _RATE_HZ} for n in range(_CAMERAS)
        ]
        with running_site(cameras, detector={"name": "yolov3-tiny"}) as daemon:
            began_s = time.monotonic()
            trial = watch(daemon.process.pid, lambda: (time.monotonic() - began_s) / (60 * minutes))
    how = f"{minutes} min, {_CAMERAS} cameras of {_RATE_HZ:g} frames/s"
    return figures("soak", trial, how)
