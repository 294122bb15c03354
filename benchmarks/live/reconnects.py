"""Memory while a camera ends its stream at once, hundreds of times: daemon, reader and worker."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from benchmarks.live.films import pictures, sample
from benchmarks.live.fleeting_camera import fleeting_camera
from benchmarks.live.growth import figures, watch
from benchmarks.live.sites import running_site

if TYPE_CHECKING:
    from benchmarks.live.figures import Figure

_PICTURES = 5
_PAUSE_S = 0.02
_WARM = 150
"""Connections before the trial begins. What looks after the camera's health runs for the first time within them, some seconds after
the start, and is read into memory then: 2.7 MB of OpenCV's code and 0.4 of NumPy's."""


def measure(*, quick: bool) -> list[Figure]:
    """Growth from a tenth of the reconnects to the last."""
    reconnects = 60 if quick else 500
    sections: dict[str, Any] = {
        "capture": {"reconnect_first_s": _PAUSE_S, "reconnect_longest_s": _PAUSE_S},
        "detector": {"name": "yolov3-tiny"},
    }
    with fleeting_camera(list(islice(pictures(sample()), _PICTURES))) as address:
        camera: dict[str, Any] = {"id": "gate", "source": address}
        with running_site([camera], **sections) as daemon:
            daemon.wait(lambda: daemon.figures().cameras["gate"].connections > _WARM, 120)
            first = daemon.figures().cameras["gate"].connections

            def share() -> float:
                return (daemon.figures().cameras["gate"].connections - first) / reconnects

            trial = watch(daemon.process.pid, share)
    return figures("reconnects", trial, f"{reconnects} connections of {_PICTURES} MJPEG pictures each")
