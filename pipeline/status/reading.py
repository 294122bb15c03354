"""Metrics of a daemon, fetched and taken apart."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

import httpx
from prometheus_client.parser import text_string_to_metric_families

from config.errors import NotRunning

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Buckets:
    """A histogram.

    Attributes:
        cumulative: upper bound → how many values are not above it.
    """

    cumulative: Mapping[float, float] = field(default_factory=dict)

    @property
    def count(self) -> float:
        """How many values there are."""
        return self.cumulative.get(inf, 0.0)

    def since(self, before: Buckets) -> Buckets:
        """Only the values that came after ``before`` was read."""
        return Buckets(
            {bound: number - before.cumulative.get(bound, 0.0) for bound, number in self.cumulative.items()}
        )

    def quantile(self, q: float) -> float | None:
        """The value that a part ``q`` of all is not above, as far as the buckets tell; None if there is none.

        Within a bucket the values count as evenly spread, as Prometheus' ``histogram_quantile`` has it.
        """
        if not self.count:
            return None
        wanted, lower, below = q * self.count, 0.0, 0.0
        for bound, number in sorted(self.cumulative.items()):
            if number >= wanted:
                if bound == inf:
                    return lower
                share = (wanted - below) / (number - below) if number > below else 1.0
                return lower + (bound - lower) * share
            lower, below = bound, number
        return lower


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """What the metrics say of one camera; ``dropped`` by reason."""

    up: bool = False
    degraded: bool = False
    captured: int = 0
    processed: int = 0
    in_flight: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    tracks: int = 0
    connections: int = 0
    reader_restarts: int = 0
    damaged: int = 0
    faults: tuple[str, ...] = ()
    age_at_detection: Buckets = field(default_factory=Buckets)
    age_at_commit: Buckets = field(default_factory=Buckets)


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """What the metrics say of the daemon."""

    cameras: Mapping[str, CameraFigures]
    workers: Mapping[str, tuple[bool, int]]
    committed_rows: int
    queued_rows: int
    database_failing_s: float
    batch_frames: Buckets


def fetch(url: str) -> SiteFigures:
    """One look at a daemon.

    Raises:
        NotRunning: nobody answers there, or something else does.
    """
    try:
        response = httpx.get(url, timeout=_TIMEOUT_S)
        response.raise_for_status()
        return parse(response.text)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise NotRunning(
            f"no daemon answers at {url}: {error}; is it running (systemctl status sitewatch), and is this its "
            "metrics.port?"
        ) from error


def parse(text: str) -> SiteFigures:
    """The figures in a page of metrics.

    Raises:
        KeyError: it is not a page of Sitewatch.
        ValueError: it is no page of metrics.
    """
    values: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
    buckets: dict[str, dict[str, dict[float, float]]] = defaultdict(lambda: defaultdict(dict))
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.endswith("_bucket"):
                labels = {key: value for key, value in sample.labels.items() if key != "le"}
                owner = next(iter(labels.values()), "")
                buckets[family.name][owner][float(sample.labels["le"])] = sample.value
            else:
                values[sample.name][tuple(sample.labels.values())] = sample.value
    names = [name for (name,) in values["sitewatch_camera_up"]]
    return SiteFigures(
        cameras={name: _camera(name, values, buckets) for name in sorted(names)},
        workers={
            device: (bool(up), int(values["sitewatch_worker_restarts_total"].get((device,), 0)))
            for (device,), up in values["sitewatch_worker_up"].items()
        },
        committed_rows=int(values["sitewatch_rows_committed_total"][()]),
        queued_rows=int(values["sitewatch_rows_queued"][()]),
        database_failing_s=values["sitewatch_database_failing_seconds"][()],
        batch_frames=Buckets(_merged(buckets["sitewatch_batch_frames"])),
    )


def _camera(
    name: str,
    values: Mapping[str, Mapping[tuple[str, ...], float]],
    buckets: Mapping[str, Mapping[str, Mapping[float, float]]],
) -> CameraFigures:
    def one(metric: str) -> int:
        return int(values.get(metric, {}).get((name,), 0))

    dropped = {
        labels[1]: int(number)
        for labels, number in values.get("sitewatch_frames_dropped_total", {}).items()
        if labels[0] == name
    }
    faults = [labels[1] for labels in values.get("sitewatch_camera_fault", {}) if labels[0] == name]
    return CameraFigures(
        up=bool(one("sitewatch_camera_up")),
        degraded=bool(one("sitewatch_camera_degraded")),
        captured=one("sitewatch_frames_captured_total"),
        processed=one("sitewatch_frames_processed_total"),
        in_flight=one("sitewatch_frames_in_flight"),
        dropped=dropped,
        tracks=one("sitewatch_tracks_total"),
        connections=one("sitewatch_camera_connections_total"),
        reader_restarts=one("sitewatch_reader_restarts_total"),
        damaged=one("sitewatch_packets_damaged_total"),
        faults=tuple(sorted(faults)),
        age_at_detection=Buckets(buckets["sitewatch_age_at_detection_seconds"].get(name, {})),
        age_at_commit=Buckets(buckets["sitewatch_age_at_commit_seconds"].get(name, {})),
    )


def _merged(histograms: Mapping[str, Mapping[float, float]]) -> dict[float, float]:
    total: dict[float, float] = defaultdict(float)
    for each in histograms.values():
        for bound, number in each.items():
            total[bound] += number
    return dict(total)
