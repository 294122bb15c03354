"""Events of cameras begin and end, each once, and are found by camera and time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from config.errors import NaiveTimeError
from storage.content import iter_content
from storage.records import CameraEvent, CameraEventBegin, CameraEventEnd
from storage.repositories.camera_events import CameraEventRepository, events_query
from storage.repositories.runs import RunRepository
from storage.schema import CameraEventRow
from storage.writer import ObservationWriter
from tests.observations import START, batch, start_run

if TYPE_CHECKING:
    from sqlalchemy import Engine

_MINUTE = timedelta(minutes=1)


def record(engine: Engine, run_id: int, *events: CameraEventBegin | CameraEventEnd) -> None:
    with ObservationWriter(engine, run_id) as writer:
        for event in events:
            writer.record(event)


def begin(kind: str, minute: int, camera: str = "gate", detail: str = "") -> CameraEventBegin:
    return CameraEventBegin(camera, kind, START + minute * _MINUTE, detail)


def end(kind: str, minute: int, camera: str = "gate") -> CameraEventEnd:
    return CameraEventEnd(camera, kind, START + minute * _MINUTE)


def spans(events: list[CameraEvent]) -> list[tuple[str, str, float, float | None]]:
    """Camera, kind, and minutes of beginning and end."""
    return [
        (
            event.camera_id,
            event.kind,
            (event.began_at - START) / _MINUTE,
            None if event.ended_at is None else (event.ended_at - START) / _MINUTE,
        )
        for event in events
    ]


def test_events_begin_and_end(engine: Engine) -> None:
    run_id = start_run(engine, "gate", "dock")
    record(
        engine,
        run_id,
        begin("offline", 1, detail="no route to host"),
        begin("frozen", 2),
        begin("offline", 2, camera="dock"),
        end("offline", 3),
        begin("offline", 5),
    )
    events = CameraEventRepository(engine).list(run_id)
    assert spans(events) == [
        ("gate", "offline", 1, 3),
        ("gate", "frozen", 2, None),
        ("dock", "offline", 2, None),
        ("gate", "offline", 5, None),
    ]
    assert [event.detail for event in events] == ["no route to host", "", "", ""]


def test_what_goes_on_does_not_begin_again_and_what_is_over_does_not_end_again(engine: Engine) -> None:
    run_id = start_run(engine)
    record(
        engine,
        run_id,
        end("offline", 0),
        begin("offline", 1, detail="first"),
        begin("offline", 2, detail="second"),
        end("frozen", 3),
        end("offline", 4),
        end("offline", 5),
    )
    events = CameraEventRepository(engine).list(run_id)
    assert spans(events) == [("gate", "offline", 1, 4)]
    assert events[0].detail == "first"


def test_nothing_ends_before_it_began(engine: Engine) -> None:
    run_id = start_run(engine)
    record(engine, run_id, begin("offline", 5), end("offline", 3))
    assert spans(CameraEventRepository(engine).list(run_id)) == [("gate", "offline", 5, 5)]


def test_any_text_of_a_decoder_is_stored(engine: Engine) -> None:
    run_id = start_run(engine)
    record(engine, run_id, begin("offline", 1, detail="Tür \0 \udcff '; --"))
    (event,) = CameraEventRepository(engine).list(run_id)
    assert event.detail == "Tür \N{REPLACEMENT CHARACTER} ? '; --"


def test_events_between_two_times(engine: Engine) -> None:
    run_id, other = start_run(engine, "gate", "dock"), start_run(engine)
    record(engine, run_id, begin("offline", 1), end("offline", 10), begin("frozen", 20), end("frozen", 21))
    record(engine, run_id, begin("moved", 30), begin("dark", 2, camera="dock"))
    record(engine, other, begin("offline", 12))
    repository = CameraEventRepository(engine)

    def kinds(start: int | None, stop: int | None, **filters: Any) -> list[str]:
        times = [None if minute is None else START + minute * _MINUTE for minute in (start, stop)]
        found = repository.list(start=times[0], end=times[1], **filters)
        return [event.kind for event in found]

    assert kinds(5, 15, camera_id="gate", run_id=run_id) == ["offline"]
    assert kinds(5, 15, camera_id="gate") == ["offline", "offline"]
    assert kinds(5, 15) == ["offline", "dark", "offline"]
    assert kinds(11, 20, camera_id="gate", run_id=run_id) == []
    assert kinds(11, 21, camera_id="gate", run_id=run_id) == ["frozen"]
    assert kinds(40, None, camera_id="gate", run_id=run_id) == ["moved"], "it still goes on"
    assert kinds(None, None, run_id=run_id, limit=2) == ["offline", "dark"]
    with pytest.raises(NaiveTimeError):
        repository.list(start=START.replace(tzinfo=None))


def test_events_that_go_on_end_with_their_run(engine: Engine) -> None:
    run_id, other = start_run(engine), start_run(engine)
    record(engine, run_id, begin("offline", 1), end("offline", 2), begin("offline", 3), begin("frozen", 9))
    record(engine, other, begin("offline", 1))
    repository = CameraEventRepository(engine)
    assert repository.close_open(run_id, START + 5 * _MINUTE) == 2
    assert spans(repository.list(run_id)) == [
        ("gate", "offline", 1, 2),
        ("gate", "offline", 3, 5),
        ("gate", "frozen", 9, 9),
    ]
    assert spans(repository.list(other)) == [("gate", "offline", 1, None)]
    assert repository.close_open(run_id, START) == 0


def test_deleting_a_run_deletes_its_events(engine: Engine) -> None:
    run_id = start_run(engine)
    record(engine, run_id, begin("offline", 1))
    RunRepository(engine).delete(run_id)
    with engine.connect() as connection:
        assert connection.execute(select(CameraEventRow.id)).all() == []


def test_events_are_content_of_their_run(engine: Engine) -> None:
    run_id = start_run(engine)
    with ObservationWriter(engine, run_id) as writer:
        writer.put(batch(0, [1]))
        writer.record(begin("offline", 1))
    (line,) = [line for line in iter_content(engine, run_id) if "camera_events" in line]
    assert "offline" in line


@pytest.mark.parametrize("kind", ["", "x" * 65, "a\0b"])
def test_kind_that_no_column_holds_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="kind of an event"):
        begin(kind, 0)
    with pytest.raises(ValueError, match="kind of an event"):
        end(kind, 0)


def test_time_of_an_event_needs_a_zone() -> None:
    with pytest.raises(NaiveTimeError):
        CameraEventBegin("gate", "offline", START.replace(tzinfo=None))


def test_events_of_a_camera_are_found_by_index(engine: Engine) -> None:
    run_id = start_run(engine, "gate", "dock")
    record(engine, run_id, *(begin(f"kind {i}", i, "gate" if i % 2 else "dock") for i in range(200)))
    query = events_query(camera_id="gate", start=START, end=START + _MINUTE)
    text = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
    sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the tables of a test are small
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{text}").all()
    plan = "\n".join(str(row[-1]) for row in rows)
    assert "ix_camera_events_camera_id_began_at_ended_at" in plan
    if sqlite:
        assert "(camera_id=? AND began_at<?)" in plan
