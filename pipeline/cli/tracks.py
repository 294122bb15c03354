"""``sitewatch tracks``: search, show and export recorded trajectories."""

from __future__ import annotations

import functools
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.database import StoredInteger, database_option, opened_for_reading, parse_area
from pipeline.cli.filters import filters, require_known
from pipeline.cli.lazy import LazyGroup
from pipeline.cli.options import config_options, examples
from pipeline.cli.rows import print_rows, rows_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

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

    @filters("those seen")
    @click.option(
        "--area", metavar="AREA", callback=parse_area,
        help="Only those whose feet were in it in the meantime: 'left,top,right,bottom', or a polygon "
        "'x,y x,y x,y ...', in pixels. Needs --camera.",
    )  # fmt: skip
    @functools.wraps(command)
    def filtered(*args: Any, chosen: dict[str, Any], area: Area | None, **kwargs: Any) -> Any:
        if area is not None and chosen["camera_id"] is None:
            raise click.UsageError("--area needs --camera: pixels mean nothing without the picture")
        return command(*args, chosen={**chosen, "area": area}, **kwargs)

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
@rows_options("tracks")
@database_option
@config_options
def list_tracks(
    chosen: dict[str, Any], limit: int, form: str, database: str | None, loaded: LoadedSettings
) -> None:
    """List tracks; with --area also when each came into it, and when it was last seen there."""
    from pipeline.cli.track_listing import PRESENCE_COLUMNS, SUMMARY_COLUMNS, presence_row, summary_row

    with opened_for_reading(database, loaded) as engine:
        repository = _repository(engine)
        require_known(engine, chosen["run_id"], chosen["camera_id"])
        wanted = limit + 1 if limit else None  # one more than is shown tells that there are more
        if chosen["area"] is None:
            columns = SUMMARY_COLUMNS
            rows: Iterator[dict[str, Any]] = map(summary_row, repository.summaries(**chosen, limit=wanted))
        else:
            columns = PRESENCE_COLUMNS
            interval = {"start": chosen["start"] or _BEGINNING, "end": chosen["end"] or _END}
            rows = map(presence_row, repository.present_in(**{**chosen, **interval}, limit=wanted))
        print_rows(rows, columns, form, limit=limit, nothing="no track")


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

    with opened_for_reading(database, loaded) as engine:
        run_id, camera_id = _run_and_camera(engine, run_id, camera_id)
        print_track(_repository(engine).get(run_id, camera_id, number), form)


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
    with opened_for_reading(database, loaded) as engine:
        require_known(engine, chosen["run_id"], chosen["camera_id"])
        trajectories = _repository(engine).iter_tracks(**chosen)
        if out is None:
            write(trajectories, sys.stdout)
            return
        with whole_file(out) as part, part.open("w", encoding="utf-8", newline="") as stream:
            write(trajectories, stream)


def _repository(engine: Engine) -> TrackRepository:
    from storage.repositories.tracks import TrackRepository

    return TrackRepository(engine)


def _run_and_camera(engine: Engine, run_id: int | None, camera_id: str | None) -> tuple[int, str]:
    """The run and camera that are meant where they were not named."""
    from config.errors import RecordNotFound

    cameras = require_known(engine, run_id, None)
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
