"""What listings say of tracks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from pipeline.cli.rows import plain, text

if TYPE_CHECKING:
    from storage.records import Presence, TrackSummary, Trajectory

SUMMARY_COLUMNS = {
    "run": "run",
    "camera": "camera",
    "track": "track",
    "first_at": "first seen",
    "last_at": "last seen",
    "seconds": "seconds",
    "observations": "frames",
    "interpolated": "filled",
}
"""What :func:`summary_row` says, in its order, and what a table calls it."""
PRESENCE_COLUMNS = {
    **SUMMARY_COLUMNS,
    "entered_at": "entered area",
    "left_at": "last in area",
    "in_area": "frames in area",
}
"""What :func:`presence_row` says, in its order, and what a table calls it."""


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
        click.echo(json.dumps(description, default=plain))
        return
    width = max(map(len, description))
    for name, value in description.items():
        click.echo(f"{name:<{width}}  {text(value)}")
