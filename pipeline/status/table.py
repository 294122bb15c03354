"""The table of ``sitewatch status``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from pipeline.status.reading import Buckets, CameraFigures

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pipeline.status.reading import SiteFigures

_P95 = 0.95


def site_table(now: SiteFigures, before: SiteFigures | None, seconds: float) -> RenderableType:
    """Cameras, then the rest of the daemon.

    Args:
        now: the latest look.
        before: the look before, for rates and ages; None for the first.
        seconds: between the two.
    """
    table = Table(
        title="cameras", title_justify="left", box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False
    )
    for heading in ("camera", "state"):
        table.add_column(heading, no_wrap=True)
    for heading in ("fps", "captured", "processed", "in\nflight", "dropped", "tracks\nbegun", "p95\nage"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("because", overflow="fold")
    for name, camera in now.cameras.items():
        earlier = before.cameras.get(name) if before else None
        table.add_row(name, *_row(camera, earlier, seconds))
    return Group(table, _rest(now))


def _row(camera: CameraFigures, before: CameraFigures | None, seconds: float) -> list[RenderableType]:
    rate = "" if before is None else f"{(camera.processed - before.processed) / seconds:.1f}"
    recent = camera.age_at_commit.since(before.age_at_commit if before else Buckets())
    age_s = (recent if recent.count else camera.age_at_commit).quantile(_P95)
    dropped = sum(camera.dropped.values())
    because = [f"{reason} {number}" for reason, number in sorted(camera.dropped.items())]
    return [
        _state(camera),
        rate,
        str(camera.captured),
        str(camera.processed),
        str(camera.in_flight),
        str(dropped),
        str(camera.tracks),
        "" if age_s is None else f"{age_s * 1000:.0f} ms",
        ", ".join([*camera.faults, *because]),
    ]


def _state(camera: CameraFigures) -> Text:
    if camera.degraded:
        return Text("degraded", style="bold red")
    if not camera.up:
        return Text("down", style="red")
    return Text("faulty", style="yellow") if camera.faults else Text("up", style="green")


def _rest(now: SiteFigures) -> Text:
    text = Text()
    for device, (up, restarts) in now.workers.items():
        text.append(f"worker {device}: {'ready' if up else 'not ready'}", style="" if up else "red")
        text.append(f", {restarts} restarts" if restarts else "")
        text.append("\n")
    median = now.batch_frames.quantile(0.5)
    if median is not None:
        text.append(f"batches: {now.batch_frames.count:.0f}, {median:.1f} frames (median)\n")
    text.append(f"database: {now.committed_rows} rows committed, {now.queued_rows} queued")
    if now.database_failing_s:
        text.append(f", failing for {now.database_failing_s:.0f} s", style="bold red")
    return text
