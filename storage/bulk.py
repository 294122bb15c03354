"""Observations into the database, many rows a statement.

SQLite takes ``INSERT … VALUES (…), (…), …`` of constant text: it is prepared once, and Python's lock is given up once
for ``ROWS_A_STATEMENT`` rows instead of once for each, which matters to the stages that run beside the writer. psycopg
spends longer on such a text than on its pipeline of single rows, so PostgreSQL takes those (benchmarks/storage.py).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from storage.records import foot_points
from storage.schema import ObservationRow
from storage.stacking import ORIGINS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from storage.stacking import StackedRows

ROWS_A_STATEMENT = 250
_COLUMNS = tuple(column.name for column in ObservationRow.__table__.columns)
_WIDTH = len(_COLUMNS)
_ORIGIN_WORDS = np.array([origin.value for origin in ORIGINS], object)


def insert_observations(connection: Connection, rows: StackedRows, track_id: NDArray[np.int64]) -> None:
    """Insert observations.

    Args:
        connection: within a transaction.
        rows: N of them.
        track_id: (N,) row ids of their tracks.

    Raises:
        StorageError: the database refuses.
    """
    flat = _flat_values(rows, track_id)
    sqlite = connection.dialect.name == "sqlite"
    placeholder = "?" if sqlite else "%s"
    step = ROWS_A_STATEMENT * _WIDTH
    whole = len(flat) - len(flat) % step if sqlite else 0
    for start in range(0, whole, step):
        connection.exec_driver_sql(
            _statement(placeholder, ROWS_A_STATEMENT), tuple(flat[start : start + step])
        )
    rest = [tuple(flat[start : start + _WIDTH]) for start in range(whole, len(flat), _WIDTH)]
    if rest:
        connection.exec_driver_sql(_statement(placeholder, 1), rest)


def _flat_values(rows: StackedRows, track_id: NDArray[np.int64]) -> list[Any]:
    """All values of all rows, row after row in the order of the table's key, each in the order of the columns."""
    order = np.lexsort((rows.frame_index, rows.media_time_us, track_id))  # neighbours go to the same page
    xyxy = rows.xyxy[order]
    foot = foot_points(xyxy)
    columns: dict[str, NDArray[Any]] = {
        "track_id": track_id[order],
        "media_time": rows.media_time_us[order],
        "frame_index": rows.frame_index[order],
        "left_px": xyxy[:, 0],
        "top_px": xyxy[:, 1],
        "right_px": xyxy[:, 2],
        "bottom_px": xyxy[:, 3],
        "score": rows.score[order],
        "foot_x_px": foot[:, 0],
        "foot_y_px": foot[:, 1],
        "origin": _ORIGIN_WORDS[rows.origin[order]],
    }
    flat: list[Any] = [None] * (len(rows) * _WIDTH)
    for position, name in enumerate(_COLUMNS):
        flat[position::_WIDTH] = columns[name].tolist()
    return flat


@cache
def _statement(placeholder: str, rows: int) -> str:
    row = f"({', '.join([placeholder] * _WIDTH)})"
    table = ObservationRow.__tablename__
    return f"INSERT INTO {table} ({', '.join(_COLUMNS)}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - no value is in it
