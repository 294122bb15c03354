"""Observations into the database, many rows a statement.

One ``INSERT … VALUES (…), (…), …`` of constant text takes ``ROWS_A_STATEMENT`` rows: SQLite and PostgreSQL both read
it, it is prepared once, and Python's lock is given up once per statement instead of once per row, which matters to
the stages that run beside the writer (benchmarks/storage.py).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from storage.records import foot_points
from storage.schema import ObservationRow
from storage.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from storage.records import ObservationBatch

ROWS_A_STATEMENT = 250
_COLUMNS = tuple(column.name for column in ObservationRow.__table__.columns)
_WIDTH = len(_COLUMNS)

TrackIds = dict[tuple[str, int], int]


def insert_observations(
    connection: Connection, batches: Sequence[ObservationBatch], tracks: TrackIds
) -> None:
    """Insert all rows of ``batches``.

    Args:
        connection: within a transaction.
        batches: not empty.
        tracks: row id of each (camera, track number) in the batches.

    Raises:
        StorageError: the database refuses.
    """
    flat = _flat_rows(batches, tracks)
    placeholder = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    step = ROWS_A_STATEMENT * _WIDTH
    whole = len(flat) - len(flat) % step
    for start in range(0, whole, step):
        connection.exec_driver_sql(
            _statement(placeholder, ROWS_A_STATEMENT), tuple(flat[start : start + step])
        )
    rest = [tuple(flat[start : start + _WIDTH]) for start in range(whole, len(flat), _WIDTH)]
    if rest:
        connection.exec_driver_sql(_statement(placeholder, 1), rest)


def _flat_rows(batches: Sequence[ObservationBatch], tracks: TrackIds) -> list[Any]:
    """All values of all rows, row after row, in the order of the columns."""
    lengths = [len(batch) for batch in batches]
    xyxy = np.concatenate([batch.xyxy for batch in batches])
    foot = foot_points(xyxy)

    def spread(value: Callable[[ObservationBatch], Any]) -> list[Any]:
        return [item for batch, n in zip(batches, lengths, strict=True) for item in [value(batch)] * n]

    columns: dict[str, list[Any]] = {
        "track_id": [
            tracks[batch.camera_id, number] for batch in batches for number in batch.track_number.tolist()
        ],
        "media_time": spread(lambda batch: to_micros(batch.media_time)),
        "frame_index": spread(lambda batch: batch.frame_index),
        "left_px": xyxy[:, 0].tolist(),
        "top_px": xyxy[:, 1].tolist(),
        "right_px": xyxy[:, 2].tolist(),
        "bottom_px": xyxy[:, 3].tolist(),
        "score": np.concatenate([batch.score for batch in batches]).tolist(),
        "foot_x_px": foot[:, 0].tolist(),
        "foot_y_px": foot[:, 1].tolist(),
        "origin": spread(lambda batch: batch.origin.value),
    }
    flat: list[Any] = [None] * (len(xyxy) * _WIDTH)
    for position, name in enumerate(_COLUMNS):
        flat[position::_WIDTH] = columns[name]
    return flat


@cache
def _statement(placeholder: str, rows: int) -> str:
    row = f"({', '.join([placeholder] * _WIDTH)})"
    table = ObservationRow.__tablename__
    return f"INSERT INTO {table} ({', '.join(_COLUMNS)}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - no value is in it
