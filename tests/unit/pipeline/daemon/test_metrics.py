"""The metrics: documented, and summing up."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import generate_latest

from pipeline.accounting import DropReason, FrameCounts
from pipeline.camera_health.faults import CameraFault
from pipeline.daemon.metrics import DaemonMetrics
from pipeline.daemon.status import CameraStatus, SiteStatus, WorkerStatus
from pipeline.status.reading import parse

_DOCUMENT = Path(__file__).parents[4] / "docs" / "daemon.md"

_STATUS = SiteStatus(
    cameras=(
        CameraStatus(
            "gate",
            FrameCounts(10, 5, 2, {DropReason.STALE: 1, DropReason.STATIC: 2}),
            tracks=3,
            connections=1,
            reader_restarts=4,
            damaged=6,
            faults=("frozen",),
        ),
        CameraStatus("yard", down="Connection refused", degraded=True),
    ),
    workers=(WorkerStatus("auto", ready=True, restarts=2),),
    committed_rows=70,
    queued_rows=8,
    database_failing_s=1.5,
    wall_clock_steps=1,
)


def _page() -> str:
    metrics = DaemonMetrics(lambda: _STATUS)
    metrics.committed("gate", 0.12)
    return generate_latest(metrics.registry).decode()


def test_every_metric_of_the_document_exists_and_every_metric_is_documented() -> None:
    documented = set(re.findall(r"`(sitewatch_[a-z_]+)`", _DOCUMENT.read_text(encoding="utf-8")))
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", _page(), re.MULTILINE))
    told = {name for name in types if not name.endswith("_created")}
    assert documented == told


def test_every_reason_and_fault_is_documented() -> None:
    text = _DOCUMENT.read_text(encoding="utf-8")
    for word in (*DropReason, *CameraFault):
        assert f"| `{word}` |" in text


def test_what_is_told_is_what_status_reads() -> None:
    figures = parse(_page())
    gate, yard = figures.cameras["gate"], figures.cameras["yard"]
    assert (gate.captured, gate.processed, gate.in_flight) == (10, 5, 2)
    assert gate.dropped == {"stale": 1, "static": 2}
    assert (gate.up, gate.tracks, gate.connections, gate.reader_restarts, gate.damaged) == (True, 3, 1, 4, 6)
    assert gate.faults == ("frozen",)
    assert gate.age_at_commit.count == 1
    assert (yard.up, yard.degraded, yard.dropped) == (False, True, {})
    assert figures.workers == {"auto": (True, 2)}
    assert (figures.committed_rows, figures.queued_rows, figures.database_failing_s) == (70, 8, 1.5)
