"""Tracks as lines of a table, of CSV or of JSON."""

from __future__ import annotations

import csv
import json
import sys
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from collections.abc import Iterable
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


def print_rows(rows: Iterable[dict[str, Any]], form: str) -> None:
    """Print rows as a ``table``, as ``csv`` or as a ``json`` array; the last two as they come."""
    if form == "table":
        _print_table(rows)
    elif form == "csv":
        _print_csv(rows)
    else:
        _print_json(rows)


def print_track(track: Trajectory, form: str) -> None:
    """Print one track as ``text`` or ``json``."""
    steps = [float(((here - there) ** 2).sum() ** 0.5) for there, here in pairwise(track.foot.astype(float))]
    description = {
        **summary_row(track.summary),
        "first_frame": track.summary.first_frame,
        "last_frame": track.summary.last_frame,
        "mean_score": round(float(track.score.mean()), 3),
        "path_px": round(sum(steps), 1),
        "first_foot_px": [round(float(value), 1) for value in track.foot[0]],
        "last_foot_px": [round(float(value), 1) for value in track.foot[-1]],
    }
    if form == "json":
        click.echo(json.dumps(description, default=_plain))
        return
    width = max(map(len, description))
    for name, value in description.items():
        click.echo(f"{name:<{width}}  {_text(value)}")


def _print_table(rows: Iterable[dict[str, Any]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        if not table.columns:
            for name in row:
                justify: Literal["left", "right"] = "left" if name == "camera" else "right"
                table.add_column(_HEADINGS.get(name, name), justify=justify, no_wrap=True)
        table.add_row(*(Text(_text(value)) for value in row.values()))
    if table.rows:
        Console(width=max(Console().width, _LEAST_WIDTH)).print(table)
    else:
        click.echo("no track", err=True)


def _print_csv(rows: Iterable[dict[str, Any]]) -> None:
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        click.echo("no track", err=True)
        return
    writer = csv.DictWriter(sys.stdout, list(first), lineterminator="\n")
    writer.writeheader()
    for row in chain([first], rows):
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
