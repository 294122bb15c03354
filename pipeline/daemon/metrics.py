"""Figures of the daemon for Prometheus: counters and histograms, one registry a daemon."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from config.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from prometheus_client.metrics_core import Metric

    from config.sections.metrics import MetricsSettings
    from pipeline.daemon.held_frames import HeldFrame
    from pipeline.daemon.status import CameraStatus, SiteStatus, WorkerStatus

_AGES_S = (
    0.02,
    0.05,
    0.075,
    0.1,
    0.125,
    0.15,
    0.175,
    0.2,
    0.25,
    0.3,
    0.35,
    0.4,
    0.5,
    0.75,
    1.0,
    2.0,
    5.0,
    10.0,
    30.0,
)
_STAGES_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class _StatusCollector(Collector):
    """What the daemon last said of itself, as metrics: one look, so that the sums add up."""

    def __init__(self, status: Callable[[], SiteStatus]) -> None:
        self._status = status

    def describe(self) -> Iterable[Metric]:
        """Nothing: the names are told when there is something to tell."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All that counts of frames, cameras and processes say."""
        status = self._status()
        yield from _camera_metrics(status.cameras)
        yield from _worker_metrics(status.workers)
        yield from _storage_metrics(status)


class DaemonMetrics:
    """What is measured on the way of the frames, and the end point that tells it.

    Args:
        status: the latest look at everything that is counted elsewhere.
    """

    def __init__(self, status: Callable[[], SiteStatus]) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_StatusCollector(status))
        self._age_at_detection = Histogram(
            "sitewatch_age_at_detection_seconds",
            "Age of a frame when the network had looked at it",
            ["camera"],
            buckets=_AGES_S,
            registry=self.registry,
        )
        self._age_at_commit = Histogram(
            "sitewatch_age_at_commit_seconds",
            "Age of a frame when its observations were committed",
            ["camera"],
            buckets=_AGES_S,
            registry=self.registry,
        )
        self._batch_size = Histogram(
            "sitewatch_batch_frames",
            "Frames of a batch",
            ["device"],
            buckets=_BATCHES,
            registry=self.registry,
        )
        self._stage = Histogram(
            "sitewatch_stage_seconds",
            "Time a batch spent in a stage (queue, detect), or a frame (follow)",
            ["stage"],
            buckets=_STAGES_S,
            registry=self.registry,
        )

    def batch(self, device: str, frames: Sequence[HeldFrame], now_s: float) -> None:
        """A batch goes to the device."""
        self._batch_size.labels(device).observe(len(frames))
        oldest_s = min(held.stamp.arrived_s for held in frames)
        self._stage.labels("queue").observe(now_s - oldest_s)

    def detected(self, frames: Sequence[HeldFrame], seconds: float) -> None:
        """A device has looked at a batch."""
        self._stage.labels("detect").observe(seconds)
        now_s = time.monotonic()
        for held in frames:
            self._age_at_detection.labels(held.camera.id).observe(now_s - held.stamp.arrived_s)

    def followed(self, seconds: float) -> None:
        """A frame went through the last stage."""
        self._stage.labels("follow").observe(seconds)

    def committed(self, camera_id: str, age_s: float) -> None:
        """Observations of a frame are in the database."""
        self._age_at_commit.labels(camera_id).observe(age_s)

    def serve(self, settings: MetricsSettings) -> tuple[Callable[[], None], int | None]:
        """Open the end point; returns what closes it, and its port.

        Raises:
            ConfigError: the address cannot be listened on.
        """
        if settings.port is None:
            return (lambda: None), None
        try:
            server, thread = start_http_server(settings.port, settings.host, self.registry)
        except OSError as error:
            raise ConfigError(
                f"metrics.host and metrics.port: cannot listen on {settings.host}:{settings.port}: "
                f"{error.strerror}; set another port, or null for none"
            ) from error

        def close() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return close, server.server_port


_CAMERA_COUNTERS: tuple[tuple[str, str, Callable[[CameraStatus], int]], ...] = (
    ("sitewatch_frames_captured", "Frames that the camera gave", lambda each: each.frames.captured),
    (
        "sitewatch_frames_processed",
        "Frames that went through all stages",
        lambda each: each.frames.processed,
    ),
    ("sitewatch_frames_corrupt", "Frames that the decoder marked as damaged", lambda each: each.corrupt),
    ("sitewatch_packets_damaged", "Packets that could not be decoded", lambda each: each.damaged),
    ("sitewatch_camera_connections", "How often the camera was opened", lambda each: each.connections),
    (
        "sitewatch_timestamp_jumps",
        "How often time stamps did not belong to those before",
        lambda each: each.timestamp_jumps,
    ),
    (
        "sitewatch_reader_restarts",
        "How often the reader process was started again",
        lambda each: each.reader_restarts,
    ),
    ("sitewatch_tracks", "Tracks that were begun", lambda each: each.tracks),
)
_CAMERA_GAUGES: tuple[tuple[str, str, Callable[[CameraStatus], int]], ...] = (
    (
        "sitewatch_frames_in_flight",
        "Frames between captured and processed",
        lambda each: each.frames.in_flight,
    ),
    ("sitewatch_camera_up", "1 while the camera gives pictures", lambda each: each.down is None),
    ("sitewatch_camera_degraded", "1 while its reader fails too often", lambda each: each.degraded),
)


def _camera_metrics(cameras: Sequence[CameraStatus]) -> Iterator[Metric]:
    for kind, metrics in ((CounterMetricFamily, _CAMERA_COUNTERS), (GaugeMetricFamily, _CAMERA_GAUGES)):
        for name, meaning, value in metrics:
            family = kind(name, meaning, labels=["camera"])
            for camera in cameras:
                family.add_metric([camera.id], value(camera))
            yield family
    dropped = CounterMetricFamily(
        "sitewatch_frames_dropped", "Frames that were given up, by reason", labels=["camera", "reason"]
    )
    faults = GaugeMetricFamily(
        "sitewatch_camera_fault", "1 for each fault that goes on", labels=["camera", "fault"]
    )
    for camera in cameras:
        for reason, number in camera.frames.dropped.items():
            dropped.add_metric([camera.id, str(reason)], number)
        for fault in camera.faults:
            faults.add_metric([camera.id, fault], 1)
    yield from (dropped, faults)


def _worker_metrics(workers: Sequence[WorkerStatus]) -> Iterator[Metric]:
    up = GaugeMetricFamily("sitewatch_worker_up", "1 while the network is loaded", labels=["device"])
    restarts = CounterMetricFamily(
        "sitewatch_worker_restarts", "How often the worker process was started again", labels=["device"]
    )
    for worker in workers:
        up.add_metric([worker.device], float(worker.ready))
        restarts.add_metric([worker.device], worker.restarts)
    yield from (up, restarts)


def _storage_metrics(status: SiteStatus) -> Iterator[Metric]:
    yield CounterMetricFamily(
        "sitewatch_rows_committed", "Rows that are in the database", value=status.committed_rows
    )
    yield GaugeMetricFamily("sitewatch_rows_queued", "Rows that wait to be written", value=status.queued_rows)
    yield GaugeMetricFamily(
        "sitewatch_database_failing_seconds",
        "For how long the database has been refusing what is written; 0 while it works",
        value=status.database_failing_s,
    )
    yield CounterMetricFamily(
        "sitewatch_wall_clock_steps", "How often the machine's clock was set", value=status.wall_clock_steps
    )
