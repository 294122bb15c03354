"""A daemon to measure: started, waited for, asked, stopped."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.live.processes import cpu_of_all, roles, spent
from tests.daemons import RunningDaemon, running_daemon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_START_S = 300.0
"""The first start on a machine converts the network."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How often a stage was passed, and for how long in all.

    Attributes:
        count: of batches; of frames for ``follow``.
        seconds: in all.
    """

    count: float = 0.0
    seconds: float = 0.0

    def since(self, before: Stage) -> Stage:
        """Only what came after ``before``."""
        return Stage(self.count - before.count, self.seconds - before.seconds)

    @property
    def mean_s(self) -> float:
        """Seconds of one; 0 where there was none."""
        return self.seconds / self.count if self.count else 0.0


@dataclass(frozen=True, slots=True)
class Use:
    """What a daemon did and used within a time.

    Attributes:
        seconds: that passed.
        processed: frames, of all cameras.
        cpu_s: CPU seconds by role: daemon, reader, worker.
        detect: batches, and how long the network had them.
    """

    seconds: float
    processed: int
    cpu_s: Mapping[str, float]
    detect: Stage

    def cores(self, *names: str) -> float:
        """Cores that these roles kept busy."""
        return sum(self.cpu_s.get(name, 0.0) for name in names) / self.seconds


@contextmanager
def running_site(cameras: Sequence[Mapping[str, Any]], **sections: Any) -> Iterator[RunningDaemon]:
    """A daemon whose cameras all have frames processed; stopped in peace at the end.

    Args:
        cameras: as in a configuration file.
        sections: of the configuration.
    """
    with started_site(cameras, **sections) as daemon:
        daemon.wait_until_processing(*(camera["id"] for camera in cameras), timeout_s=_START_S)
        yield daemon


@contextmanager
def started_site(cameras: Sequence[Mapping[str, Any]], **sections: Any) -> Iterator[RunningDaemon]:
    """A daemon as soon as its process exists; stopped in peace at the end."""
    with TemporaryDirectory() as folder, running_daemon(Path(folder), cameras, **sections) as daemon:
        yield daemon
        daemon.stop()


def use(daemon: RunningDaemon, seconds: float) -> Use:
    """Look on for so long."""
    names = roles(daemon.process.pid)
    processed, detect = sum(daemon.processed().values()), stages(daemon).get("detect", Stage())
    began_s, before = time.monotonic(), cpu_of_all(daemon.process.pid)
    time.sleep(seconds)
    after, took_s = cpu_of_all(daemon.process.pid), time.monotonic() - began_s
    return Use(
        took_s,
        sum(daemon.processed().values()) - processed,
        spent(names, before, after),
        stages(daemon).get("detect", Stage()).since(detect),
    )


def stages(daemon: RunningDaemon) -> dict[str, Stage]:
    """Stages that the daemon's frames have passed so far."""
    port = daemon.log("starting")[-1]["metrics_port"]
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").raise_for_status().text
    values: dict[str, dict[str, float]] = {"count": {}, "sum": {}}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            kind = sample.name.removeprefix("sitewatch_stage_seconds_")
            if kind in values:
                values[kind][sample.labels["stage"]] = sample.value
    return {name: Stage(count, values["sum"][name]) for name, count in values["count"].items()}
