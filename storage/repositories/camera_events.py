"""What was the matter with the cameras: written by the one writer, read by the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CursorResult, bindparam, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import reading
from storage.records import CameraEvent, CameraEventBegin
from storage.schema import CameraEventRow, CameraRow
from storage.times import UtcTime, require_zone

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Select

    from storage.records import CameraEventEnd

    Events = Select[int, str, str, datetime, datetime | None, str]


class CameraEventRepository:
    """The events of the cameras of a database."""

    def __init__(self, engine: Engine) -> None:
        """Only :meth:`close_open` writes."""
        self._engine = engine

    def list(
        self,
        run_id: int | None = None,
        camera_id: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        only_open: bool = False,
        limit: int | None = None,
    ) -> list[CameraEvent]:
        """Events by the time at which they began.

        Args:
            run_id: only of this run.
            camera_id: only of this camera.
            start: only those that went on at this time or later.
            end: only those that began before this time.
            only_open: only those that go on.
            limit: at most so many.

        Raises:
            NaiveTimeError: a time without a zone.
        """
        statement = events_query(run_id, camera_id, start, end, only_open=only_open).limit(limit)
        with reading(self._engine).connect() as connection:
            return [CameraEvent(*row) for row in connection.execute(statement)]

    def close_open(self, run_id: int, at: datetime) -> int:
        """End all events of a run that go on, once its writer is closed; returns how many there were.

        Raises:
            NaiveTimeError: a time without a zone.
            StorageError: the database cannot be written.
        """
        with self._engine.begin() as connection:
            return connection.execute(
                _END.where(CameraEventRow.run_id == run_id), {"at": require_zone(at)}
            ).rowcount


def record_event(
    connection: Connection, run_id: int, camera: int, event: CameraEventBegin | CameraEventEnd
) -> bool:
    """Write that an event begins or ends; False if it was under way already, or was not under way.

    Args:
        connection: within a transaction.
        run_id: the run.
        camera: row id of the camera of the event.
        event: what happened.

    Raises:
        StorageError: the database refuses.
    """
    if isinstance(event, CameraEventBegin):
        return _begin(connection, run_id, camera, event)
    result = connection.execute(
        _END.where(
            CameraEventRow.run_id == run_id,
            CameraEventRow.camera_id == camera,
            CameraEventRow.kind == event.kind,
        ),
        {"at": event.at},
    )
    return result.rowcount == 1


def events_query(
    run_id: int | None = None,
    camera_id: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    only_open: bool = False,
) -> Events:
    """The query of :meth:`CameraEventRepository.list`."""
    statement = (
        select(
            CameraEventRow.run_id,
            CameraRow.name,
            CameraEventRow.kind,
            CameraEventRow.began_at,
            CameraEventRow.ended_at,
            CameraEventRow.detail,
        )
        .join(CameraRow, CameraRow.id == CameraEventRow.camera_id)
        .order_by(CameraEventRow.began_at, CameraEventRow.id)
    )
    if run_id is not None:
        statement = statement.where(CameraEventRow.run_id == run_id)
    if camera_id is not None:
        statement = statement.where(CameraRow.name == camera_id)
    if start is not None:
        still = CameraEventRow.ended_at.is_(None)
        statement = statement.where(or_(still, CameraEventRow.ended_at >= require_zone(start)))
    if only_open:
        statement = statement.where(CameraEventRow.ended_at.is_(None))
    if end is not None:
        statement = statement.where(CameraEventRow.began_at < require_zone(end))
    return statement


def _begin(connection: Connection, run_id: int, camera: int, event: CameraEventBegin) -> bool:
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
    result = connection.execute(
        dialect.insert(CameraEventRow).on_conflict_do_nothing(),
        {
            "run_id": run_id,
            "camera_id": camera,
            "kind": event.kind,
            "began_at": event.at,
            "ended_at": None,
            "detail": _storable(event.detail),
        },
    )
    return isinstance(result, CursorResult) and result.rowcount == 1


def _storable(text: str) -> str:
    """Text as both databases take it: a decoder's message may hold anything, and may not end the writer."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


_AT = bindparam("at", type_=UtcTime())
_END = (
    update(CameraEventRow)
    .where(CameraEventRow.ended_at.is_(None))
    # clocks are set back at times: nothing ends before it began
    .values(ended_at=case((CameraEventRow.began_at > _AT, CameraEventRow.began_at), else_=_AT))
)
