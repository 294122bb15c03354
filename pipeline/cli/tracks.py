"""``sitewatch tracks``: search, show and export recorded trajectories."""

from __future__ import annotations

import functools
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.database import StoredInteger, chosen_database, database_option, parse_area, parse_time
from pipeline.cli.lazy import LazyGroup
from pipeline.cli.options import config_options, examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from config.provenance import LoadedSettings
    from storage.area import Area
    from storage.repositories.tracks import TrackRepository

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


@click.group(cls=LazyGroup, lazy={})
def tracks() -> None:
    """List, show and export recorded trajectories.

    Times are media times: those of the recording, in UTC. Areas are in pixels of the camera's picture.
    """


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that choose tracks; the command receives them as ``chosen``, arguments of the repository."""

    @click.option(
        "--run",
        "run_id",
        type=StoredInteger(),
        metavar="ID",
        help="Only of this run; sitewatch db status lists them.",
    )
    @click.option("--camera", "camera_id", metavar="NAME", help="Only of this camera.")
    @click.option(
        "--from",
        "start",
        metavar="TIME",
        callback=parse_time,
        help="Only those seen at this time or later, ISO 8601 with its zone: 2026-01-31T02:00Z.",
    )
    @click.option(
        "--to", "end", metavar="TIME", callback=parse_time, help="Only those seen before this time."
    )
    @click.option(
        "--area", metavar="AREA", callback=parse_area,
        help="Only those whose feet were in it in the meantime: 'left,top,right,bottom', or a polygon "
        "'x,y x,y x,y ...', in pixels. Needs --camera.",
    )  # fmt: skip
    @functools.wraps(command)
    def filtered(
        *args: Any,
        run_id: int | None,
        camera_id: str | None,
        start: datetime | None,
        end: datetime | None,
        area: Area | None,
        **kwargs: Any,
    ) -> Any:
        if area is not None and camera_id is None:
            raise click.UsageError("--area needs --camera: pixels mean nothing without the picture")
        if start is not None and end is not None and start >= end:
            raise click.UsageError("--from must be earlier than --to")
        chosen = {"run_id": run_id, "camera_id": camera_id, "start": start, "end": end, "area": area}
        return command(*args, chosen=chosen, **kwargs)

    return filtered


@tracks.command(
    "list",
    short_help="List tracks: by run, camera, time, and the area in which people stood.",
    epilog=examples(
        "sitewatch tracks list --database evening/sitewatch.db",
        "sitewatch tracks list --database evening/sitewatch.db --camera dock --area 100,200,400,500 \\\n"
        "      --from 2026-01-31T02:00Z --to 2026-01-31T02:20Z",
    ),
)
@_filters
@click.option(
    "--limit", type=click.IntRange(min=0), default=100, show_default=True, help="At most so many; 0: all."
)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True,
    help="A table to read, or CSV or JSON for programs.",
)  # fmt: skip
@database_option
@config_options
def list_tracks(
    chosen: dict[str, Any], limit: int, form: str, database: str | None, loaded: LoadedSettings
) -> None:
    """List tracks; with --area also when each came into it, and when it was last seen there."""
    from pipeline.cli.track_listing import (
        PRESENCE_COLUMNS,
        SUMMARY_COLUMNS,
        presence_row,
        print_rows,
        summary_row,
    )

    with _opened(database, loaded) as repository:
        _require_known(repository, chosen["run_id"], chosen["camera_id"])
        wanted = limit + 1 if limit else None  # one more than is shown tells that there are more
        if chosen["area"] is None:
            columns = SUMMARY_COLUMNS
            rows: Iterator[dict[str, Any]] = map(summary_row, repository.summaries(**chosen, limit=wanted))
        else:
            columns = PRESENCE_COLUMNS
            interval = {"start": chosen["start"] or _BEGINNING, "end": chosen["end"] or _END}
            rows = map(presence_row, repository.present_in(**{**chosen, **interval}, limit=wanted))
        print_rows(islice(rows, limit or None), columns, form)
        if list(rows):  # read to its end, the answer gives its connection back
            click.echo(
                f"There are more than {limit}: choose with --run, --camera, --from, --to, or --limit 0",
                err=True,
            )


@tracks.command(epilog=examples("sitewatch tracks show 3 --database evening/sitewatch.db"))
@click.argument("number", type=StoredInteger())
@click.option(
    "--run", "run_id", type=StoredInteger(), metavar="ID", help="Of this run. [default: the newest]"
)
@click.option("--camera", "camera_id", metavar="NAME", help="Of this camera. [default: the run's only one]")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="Lines to read, or JSON for programs.",
)  # fmt: skip
@database_option
@config_options
def show(
    number: int,
    run_id: int | None,
    camera_id: str | None,
    form: str,
    database: str | None,
    loaded: LoadedSettings,
) -> None:
    """Show track NUMBER: when it was seen, how far it went, how sure the detector was."""
    from pipeline.cli.track_listing import print_track

    with _opened(database, loaded) as repository:
        run_id, camera_id = _run_and_camera(repository, run_id, camera_id)
        print_track(repository.get(run_id, camera_id, number), form)


@tracks.command(
    epilog=examples(
        "sitewatch tracks export --database evening/sitewatch.db --out evening/tracks.csv",
        "sitewatch tracks export --database evening/sitewatch.db --format geojson --run 1 --out run-1.json",
    )
)
@_filters
@click.option(
    "--format", "form", type=click.Choice(["csv", "geojson"]), default="csv", show_default=True,
    help="csv: one row an observation. geojson: a FeatureCollection with one LineString a track, its feet.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead of the terminal.")
@database_option
@config_options
def export(
    chosen: dict[str, Any], form: str, out: Path | None, database: str | None, loaded: LoadedSettings
) -> None:
    """Export whole tracks as CSV or as GeoJSON-like JSON.

    The JSON has the form of GeoJSON, but its coordinates are pixels of the camera's picture, x to the right and y
    DOWN, not longitude and latitude: crs is null. Times are UTC. Tracks that match the filters are exported whole.
    """
    from pipeline.output_files import whole_file
    from storage.export import write_csv, write_geojson

    write = write_csv if form == "csv" else write_geojson
    with _opened(database, loaded) as repository:
        _require_known(repository, chosen["run_id"], chosen["camera_id"])
        trajectories = repository.iter_tracks(**chosen)
        if out is None:
            write(trajectories, sys.stdout)
            return
        with whole_file(out) as part, part.open("w", encoding="utf-8", newline="") as stream:
            write(trajectories, stream)


@contextmanager
def _opened(database: str | None, loaded: LoadedSettings) -> Iterator[TrackRepository]:
    from storage.engine import Access, open_database
    from storage.repositories.tracks import TrackRepository

    engine = open_database(chosen_database(database, loaded), loaded.settings.storage, Access.READ)
    try:
        yield TrackRepository(engine)
    finally:
        engine.dispose()


def _require_known(repository: TrackRepository, run_id: int | None, camera_id: str | None) -> None:
    """Refuse a run or camera that is not there: an empty answer would say that nobody was.

    Raises:
        RecordNotFound: no such run, or no such camera in it.
    """
    from config.errors import RecordNotFound

    cameras = repository.cameras_of_runs()
    if run_id is not None and run_id not in cameras:
        raise RecordNotFound(f"there is no run {run_id}: sitewatch db status lists them")
    known = sorted({name for run, names in cameras.items() if run_id in {None, run} for name in names})
    if camera_id is not None and camera_id not in known:
        where = "the database" if run_id is None else f"run {run_id}"
        raise RecordNotFound(f"{where} has no camera {camera_id!r}, only {', '.join(known) or 'none'}")


def _run_and_camera(
    repository: TrackRepository, run_id: int | None, camera_id: str | None
) -> tuple[int, str]:
    """The run and camera that are meant where they were not named."""
    from config.errors import RecordNotFound

    _require_known(repository, run_id, None)
    cameras = repository.cameras_of_runs()
    if not cameras:
        raise RecordNotFound("the database holds no run")
    run_id = max(cameras) if run_id is None else run_id
    if camera_id is None:
        if len(cameras[run_id]) > 1:
            raise click.UsageError(
                f"run {run_id} has several cameras, name one: --camera {'|'.join(cameras[run_id])}"
            )
        camera_id = cameras[run_id][0]
    return run_id, camera_id
