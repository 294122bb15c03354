"""Observations into the database, many rows a statement, and better positions in place of those written.

SQLite takes ``INSERT … VALUES (…), (…), …`` of constant text: it is prepared once, and Python's lock is given up once
for ``ROWS_A_STATEMENT`` rows instead of once for each, which matters to the stages that run beside the writer. psycopg
spends longer on such a text than on its pipeline of single rows, so PostgreSQL takes those (benchmarks/storage.py).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import BigInteger, select, type_coerce

from config.errors import RecordNotFound
from storage.records import foot_points
from storage.schema import ObservationRow
from storage.stacking import ORIGINS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from storage.records import TrackRevision
    from storage.stacking import StackedRows

ROWS_A_STATEMENT = 250
_COLUMNS = tuple(column.name for column in ObservationRow.__table__.columns)
_WIDTH = len(_COLUMNS)
_REVISED = ("left_px", "top_px", "right_px", "bottom_px", "foot_x_px", "foot_y_px")
_KEY = ("track_id", "media_time", "frame_index")
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


def revise_observations(
    connection: Connection, revisions: Sequence[TrackRevision], track_id: Sequence[int]
) -> None:
    """Replace boxes and foot points of observations; where two revisions name the same one, the later stays.

    Args:
        connection: within a transaction.
        revisions: at least one.
        track_id: row id of the track of each.

    Raises:
        RecordNotFound: a track was not observed at a position that is to be revised.
        StorageError: the database refuses.
    """
    values = _revised_values(revisions, track_id)
    placeholder = "?" if connection.dialect.name == "sqlite" else "%s"
    revised = connection.exec_driver_sql(_revision(placeholder), values).rowcount
    if revised != len(values):
        _refuse_missing(connection, revisions, track_id)


def _revised_values(
    revisions: Sequence[TrackRevision], track_id: Sequence[int]
) -> list[tuple[float | int, ...]]:
    """The values of each row in the order of the statement, rows in the order of the table's key."""
    track = np.repeat(np.array(track_id, np.int64), [len(revision) for revision in revisions])
    time_us = np.concatenate([revision.media_time_us for revision in revisions], dtype=np.int64)
    frame = np.concatenate([revision.frame_index for revision in revisions], dtype=np.int64)
    xyxy = np.concatenate([revision.xyxy for revision in revisions], dtype=np.float32)
    order = np.lexsort((frame, time_us, track))  # stable: of the same position the later revision stays
    columns = [*xyxy.T, *foot_points(xyxy).T, track, time_us, frame]
    return list(zip(*(column[order].tolist() for column in columns), strict=True))


def _refuse_missing(
    connection: Connection, revisions: Sequence[TrackRevision], track_id: Sequence[int]
) -> None:
    time_us = type_coerce(ObservationRow.media_time, BigInteger)
    for revision, row_id in zip(revisions, track_id, strict=True):
        rows = connection.execute(
            select(time_us, ObservationRow.frame_index).where(ObservationRow.track_id == row_id)
        )
        stored = {(row[0], row[1]) for row in rows}
        wanted = zip(revision.media_time_us.tolist(), revision.frame_index.tolist(), strict=True)
        missing = [position for position in wanted if position not in stored]
        if missing:
            raise RecordNotFound(
                f"{len(missing)} of {len(revision)} positions to revise of track {revision.number} of camera "
                f"{revision.camera_id!r} are not in the database; the first is frame {missing[0][1]} at {missing[0][0]} us of media time"
            )


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


@cache
def _revision(placeholder: str) -> str:
    changes = ", ".join(f"{name} = {placeholder}" for name in _REVISED)
    key = " AND ".join(f"{name} = {placeholder}" for name in _KEY)
    return f"UPDATE {ObservationRow.__tablename__} SET {changes} WHERE {key}"  # noqa: S608 - no value is in it
