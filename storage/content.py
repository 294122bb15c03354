"""What a run left in the database, without what may differ: two replays of the same input have the same content."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, select, type_coerce

from config.errors import RecordNotFound
from storage.engine import reading
from storage.repositories.runs import DECLARED_RUN_METADATA
from storage.schema import CameraEventRow, CameraRow, ObservationRow, RunCameraRow, RunRow, TrackRow
from storage.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine, Select

    Rows = Select[*tuple[Any, ...]]

_SURROGATES = (
    "id",
    "run_id",
    "camera_id",
    "track_id",
)  # row numbers; what they stand for is told by names instead


def content_digest(engine: Engine, run_id: int) -> str:
    """SHA-256 over all that :func:`iter_content` gives.

    Raises:
        RecordNotFound: no such run.
    """
    digest = hashlib.sha256()
    for line in iter_content(engine, run_id):
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def iter_content(engine: Engine, run_id: int) -> Iterator[str]:
    """One line of JSON for each row of a run, in an order that does not depend on the database.

    Left out are row numbers, and the columns of ``runs`` that ``DECLARED_RUN_METADATA`` names. Memory does not grow
    with the length of the run.

    Raises:
        RecordNotFound: no such run.
    """
    found = False
    with reading(engine).connect() as connection:
        cameras = connection.execute(
            select(CameraRow.name, CameraRow.id)
            .join(RunCameraRow, RunCameraRow.camera_id == CameraRow.id)
            .where(RunCameraRow.run_id == run_id)
        )
        for label, statement in _statements(
            run_id, sorted((row.name, row.id) for row in cameras)
        ):  # databases sort names each its own way
            for row in connection.execute(statement, execution_options={"yield_per": 2000}):
                found = True
                yield json.dumps([*label, *map(_plain, row)], sort_keys=True, ensure_ascii=False)
    if not found:
        raise RecordNotFound(f"there is no run {run_id}")


def _statements(run_id: int, cameras: list[tuple[str, int]]) -> Iterator[tuple[tuple[str, ...], Rows]]:
    yield ("runs",), select(*_columns(RunRow, DECLARED_RUN_METADATA)).where(RunRow.id == run_id)
    for name, camera in cameras:
        of_camera = (TrackRow.run_id == run_id, TrackRow.camera_id == camera)
        yield (
            ("run_cameras", name),
            select(*_columns(RunCameraRow)).where(
                RunCameraRow.run_id == run_id, RunCameraRow.camera_id == camera
            ),
        )
        yield (
            ("camera_events", name),
            select(*_columns(CameraEventRow))
            .where(CameraEventRow.run_id == run_id, CameraEventRow.camera_id == camera)
            .order_by(CameraEventRow.id),
        )
        yield ("tracks", name), select(*_columns(TrackRow)).where(*of_camera).order_by(TrackRow.number)
        yield (
            ("observations", name),
            select(TrackRow.number, *_columns(ObservationRow))
            .join(TrackRow, TrackRow.id == ObservationRow.track_id)
            .where(*of_camera)
            .order_by(ObservationRow.frame_index, TrackRow.number),
        )


def _columns(row: type[Any], left_out: tuple[str, ...] = ()) -> list[Any]:
    columns = [column for column in row.__table__.columns if column.name not in (*_SURROGATES, *left_out)]
    return [
        type_coerce(column, BigInteger) if isinstance(column.type, UtcTime) else column for column in columns
    ]


def _plain(value: Any) -> Any:
    """A float as the 32 bits that were measured: databases differ in how they write them."""
    return struct.pack("<f", value).hex() if isinstance(value, float) else value
