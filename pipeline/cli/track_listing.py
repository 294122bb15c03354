"""Tracks as lines of a table, of CSV or of JSON."""

from __future__ import annotations

import csv
import json
import sys
from typing import TYPE_CHECKING, Any, Literal

import click
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from storage.records import Presence, TrackSummary, Trajectory

_LEAST_WIDTH = 200  # characters: a line that breaks in a narrow terminal is easier to read than cells that do
_HEADINGS = {
    "first_at": "first seen",
    "last_at": "last seen",
    "observations": "frames",
    "interpolated": "filled",
    "entered_at": "entered area",
    "left_at": "last in area",
    "in_area": "frames in area",
}


SUMMARY_COLUMNS: tuple[str, ...] = (
    "run",
    "camera",
    "track",
    "first_at",
    "last_at",
    "seconds",
    "observations",
    "interpolated",
)
"""What :func:`summary_row` says, in its order."""
PRESENCE_COLUMNS: tuple[str, ...] = (*SUMMARY_COLUMNS, "entered_at", "left_at", "in_area")
"""What :func:`presence_row` says, in its order."""


def summary_row(track: TrackSummary) -> dict[str, Any]:
    """What a listing says of a track."""
    return {
        "run": track.run_id,
        "camera": track.camera_id,
        "track": track.number,
        "first_at": track.first_at,
        "last_at": track.last_at,
        "seconds": round(track.duration_s, 3),
        "observations": track.observations,
        "interpolated": track.interpolated,
    }


def presence_row(presence: Presence) -> dict[str, Any]:
    """What a listing says of a track in an area."""
    return {
        **summary_row(presence.track),
        "entered_at": presence.entered_at,
        "left_at": presence.left_at,
        "in_area": presence.observations,
    }


def print_rows(rows: Iterable[dict[str, Any]], columns: Sequence[str], form: str) -> None:
    """Print rows as a ``table``, as ``csv`` or as a ``json`` array; the last two as they come.

    Without a row CSV still has its heading and JSON its brackets.
    """
    if form == "table":
        _print_table(rows, columns)
    elif form == "csv":
        _print_csv(rows, columns)
    else:
        _print_json(rows)


def print_track(track: Trajectory, form: str) -> None:
    """Print one track as ``text`` or ``json``; score and way are those of the report."""
    from pipeline.report.gathering import summarise_track
    from storage.records import ObservationOrigin

    _, reported = summarise_track(
        track.summary.number,
        (track.media_time_us - track.media_time_us[0]) / 1e6,
        track.xyxy,
        track.score,
        np.array([origin is ObservationOrigin.INTERPOLATED for origin in track.origin]),
    )
    description = {
        **summary_row(track.summary),
        "first_frame": track.summary.first_frame,
        "last_frame": track.summary.last_frame,
        "mean_score": round(reported.score, 3),
        "way_px": round(reported.distance_px, 1),
        "way_heights": round(reported.distance_heights, 1),
        "first_foot_px": [round(float(value), 1) for value in track.foot[0]],
        "last_foot_px": [round(float(value), 1) for value in track.foot[-1]],
    }
    if form == "json":
        click.echo(json.dumps(description, default=_plain))
        return
    width = max(map(len, description))
    for name, value in description.items():
        click.echo(f"{name:<{width}}  {_text(value)}")


def _print_table(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        justify: Literal["left", "right"] = "left" if name == "camera" else "right"
        table.add_column(_HEADINGS.get(name, name), justify=justify, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(_text(row[name])) for name in columns))
    if table.rows:
        Console(width=max(Console().width, _LEAST_WIDTH)).print(table)
    else:
        click.echo("no track", err=True)


def _print_csv(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> None:
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _plain(value) for name, value in row.items()})


def _print_json(rows: Iterable[dict[str, Any]]) -> None:
    separator = "["
    for row in rows:
        sys.stdout.write(f"{separator}\n{json.dumps(row, default=_plain)}")
        separator = ","
    sys.stdout.write("[]\n" if separator == "[" else "\n]\n")


def _text(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}Z"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _plain(value: datetime | Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
