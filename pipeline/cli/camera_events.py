"""``sitewatch camera-events``: what was the matter with the cameras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.database import database_option, opened_for_reading
from pipeline.cli.filters import filters, require_known
from pipeline.cli.options import config_options, examples
from pipeline.cli.rows import print_rows, rows_options

if TYPE_CHECKING:
    from config.provenance import LoadedSettings
    from storage.records import CameraEvent

_HEADINGS = {
    "run": "run",
    "camera": "camera",
    "kind": "what",
    "began_at": "from",
    "ended_at": "to",
    "seconds": "seconds",
    "detail": "because",
}


@click.command(
    "camera-events",
    short_help="List what was the matter with the cameras: offline, frozen, covered, moved, ...",
    epilog=examples(
        "sitewatch camera-events --database /var/lib/sitewatch/sitewatch.db",
        "sitewatch camera-events --database /var/lib/sitewatch/sitewatch.db --camera dock \\\n"
        "      --from 2026-01-31T02:00Z --to 2026-01-31T02:20Z --format csv",
    ),
)
@filters("those that went on")
@click.option("--open", "only_open", is_flag=True, help="Only those that go on.")
@rows_options("events")
@database_option
@config_options
def camera_events(
    chosen: dict[str, Any],
    *,
    only_open: bool,
    limit: int,
    form: str,
    database: str | None,
    loaded: LoadedSettings,
) -> None:
    """List what was the matter with the cameras, by the time at which it began.

    Without an end it goes on, or the daemon was killed before it ended. Times are UTC. What each kind means:
    docs/daemon.md.
    """
    from storage.repositories.camera_events import CameraEventRepository

    with opened_for_reading(database, loaded) as engine:
        require_known(engine, chosen["run_id"], chosen["camera_id"])
        wanted = limit + 1 if limit else None  # one more than is shown tells that there are more
        events = CameraEventRepository(engine).list(**chosen, only_open=only_open, limit=wanted)
        print_rows(map(_row, events), _HEADINGS, form, limit=limit, nothing="no event")


def _row(event: CameraEvent) -> dict[str, Any]:
    ended_at = event.ended_at
    return {
        "run": event.run_id,
        "camera": event.camera_id,
        "kind": event.kind,
        "began_at": event.began_at,
        "ended_at": ended_at,
        "seconds": None if ended_at is None else round((ended_at - event.began_at).total_seconds(), 3),
        "detail": event.detail,
    }
