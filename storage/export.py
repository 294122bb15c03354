"""Trajectories as text for other programs: CSV, and GeoJSON-like JSON. Both are written track by track."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from storage.times import from_micros

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from storage.records import Trajectory

CSV_COLUMNS = (
    "run", "camera", "track", "frame", "time", "left", "top", "right", "bottom", "score", "foot_x", "foot_y",
    "origin",
)  # fmt: skip


def write_csv(tracks: Iterable[Trajectory], out: TextIO) -> None:
    """One row an observation, track by track: times in UTC, ISO 8601; boxes and foot points in pixels."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for track in tracks:
        summary = track.summary
        writer.writerows(
            (summary.run_id, summary.camera_id, summary.number, frame, time, *box, score, *foot, origin.value)
            for frame, time, box, score, foot, origin in zip(
                track.frame_index.tolist(),
                _times(track),
                _short(track.xyxy),
                _short(track.score),
                _short(track.foot),
                track.origin,
                strict=True,
            )
        )


def write_geojson(tracks: Iterable[Trajectory], out: TextIO) -> None:
    """A FeatureCollection with one feature a track: the line of its foot points.

    As GeoJSON (RFC 7946) in form; but coordinates are pixels of the camera's picture, x to the right and y down, so
    ``crs`` is null. ``properties`` holds the time, frame and origin of each point.
    """
    out.write('{"type": "FeatureCollection", "crs": null, "units": "px", "features": [')
    separator = "\n"
    for track in tracks:
        out.write(separator + json.dumps(_feature(track)))
        separator = ",\n"
    out.write("\n]}\n")


def _feature(track: Trajectory) -> dict[str, Any]:
    summary = track.summary
    points = _short(track.foot)
    line = len(points) > 1  # RFC 7946, 3.1.4: a line has two positions or more
    return {
        "type": "Feature",
        "id": f"{summary.run_id}/{summary.camera_id}/{summary.number}",
        "geometry": {
            "type": "LineString" if line else "Point",
            "coordinates": points if line else points[0],
        },
        "properties": {
            "run": summary.run_id,
            "camera": summary.camera_id,
            "track": summary.number,
            "first_at": summary.first_at.isoformat(),
            "last_at": summary.last_at.isoformat(),
            "times": _times(track),
            "frames": track.frame_index.tolist(),
            "origins": [origin.value for origin in track.origin],
        },
    }


def _times(track: Trajectory) -> list[str]:
    return [from_micros(micros).isoformat() for micros in track.media_time_us.tolist()]


def _short(values: NDArray[np.float32]) -> Any:
    """Float32 values as the shortest decimals that name them, in lists of the same shape."""
    return values.astype("U").astype(np.float64).tolist()
