"""Tracks are read in the orders that are promised, and the area query finds whom it should, by index."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from config.errors import NaiveTimeError, RecordNotFound
from storage.area import Area
from storage.records import ObservationOrigin
from storage.repositories.tracks import TrackRepository, presence_query
from tests.observations import FRAME, START, batch, start_run, walk, write

if TYPE_CHECKING:
    from sqlalchemy import Engine, Select


def test_frames_come_in_order_whatever_the_order_of_writing(engine: Engine) -> None:
    run_id = start_run(engine)
    write(engine, run_id, [batch(5, [9, 2]), batch(3, [2]), batch(4, [2, 1])])
    read = [
        (row.frame_index, row.number) for row in TrackRepository(engine).iter_observations(run_id, "gate")
    ]
    assert read == [(3, 2), (4, 1), (4, 2), (5, 2), (5, 9)]


def test_track_comes_whole_and_in_order_of_time(engine: Engine) -> None:
    run_id = start_run(engine)
    write(engine, run_id, [batch(5, [1]), batch(7, [1])])
    write(engine, run_id, [batch(6, [1], origin=ObservationOrigin.INTERPOLATED)])
    (track,) = TrackRepository(engine).iter_tracks(run_id, "gate")
    assert track.frame_index.tolist() == [5, 6, 7]
    assert [origin.value for origin in track.origin] == ["detected", "interpolated", "detected"]
    assert np.array_equal(track.xyxy, np.concatenate([batch(frame, [1]).xyxy for frame in (5, 6, 7)]))
    assert track.foot.tolist() == [[15.0, 102.5], [16.0, 103.0], [17.0, 103.5]]
    assert TrackRepository(engine).get(run_id, "gate", 1).summary == track.summary


def test_tracks_can_be_filled_while_they_are_read(engine: Engine) -> None:
    run_id = start_run(engine)
    write(engine, run_id, [batch(frame, [number]) for number in range(1, 30) for frame in (0, 2)])
    repository = TrackRepository(engine)
    filled = (
        batch(1, [track.summary.number], origin=ObservationOrigin.INTERPOLATED)
        for track in repository.iter_tracks(run_id, "gate")
    )
    write(engine, run_id, filled)
    assert {len(track) for track in repository.iter_tracks(run_id)} == {3}


def test_missing_things_are_named(engine: Engine) -> None:
    run_id = start_run(engine)
    repository = TrackRepository(engine)
    with pytest.raises(RecordNotFound, match="no camera 'dock'"):
        list(repository.iter_observations(run_id, "dock"))
    with pytest.raises(RecordNotFound, match="no track 3"):
        repository.get(run_id, "gate", 3)
    assert list(repository.iter_observations(run_id, "gate")) == []
    assert repository.activity(run_id, "gate", 60) == []


def test_summaries_are_filtered_by_time_run_and_area(engine: Engine) -> None:
    first, second = start_run(engine), start_run(engine)
    write(engine, first, walk(100))
    write(engine, second, [batch(0, [1], foot=[(500, 500)])])
    repository = TrackRepository(engine)
    assert {track.run_id for track in repository.summaries(second)} == {second}
    at_once = list(repository.summaries(first, start=START + 45 * FRAME, end=START + 46 * FRAME))
    assert [track.number for track in at_once] == [3, 4, 5]
    corner = Area.box(490, 490, 510, 510)
    assert [(track.run_id, track.number) for track in repository.summaries(area=corner)] == [(second, 1)]
    assert len(list(repository.summaries(limit=2))) == 2


def test_an_interval_holds_its_start_and_not_its_end(engine: Engine) -> None:
    run_id = start_run(engine)
    write(engine, run_id, [batch(frame, [1]) for frame in range(10)])
    write(engine, run_id, [batch(frame, [2]) for frame in range(20, 30)])
    repository = TrackRepository(engine)

    def found(first: int, last: int) -> list[tuple[int, int]]:
        interval = (START + first * FRAME, START + last * FRAME)
        listed = [track.number for track in repository.summaries(start=interval[0], end=interval[1])]
        present = list(repository.present_in("gate", None, *interval))
        assert listed == [one.track.number for one in present]
        return [(one.track.number, one.observations) for one in present]

    assert found(9, 20) == [(1, 1)]
    assert found(10, 21) == [(2, 1)]
    assert found(10, 20) == []


@pytest.mark.parametrize(
    "area", [None, Area.box(40, 110, 90, 130), Area.parse("20,100 120,105 90,150 50,120 30,160")]
)
def test_area_query_finds_whom_a_look_at_every_row_finds(engine: Engine, area: Area | None) -> None:
    run_id, other = start_run(engine, "gate", "dock"), start_run(engine)
    write(engine, run_id, [*walk(150, people=6), *walk(150, camera="dock")])
    write(engine, other, walk(30))
    start, end = START + 30 * FRAME, START + 90 * FRAME
    repository = TrackRepository(engine)
    expected: dict[int, list[int]] = {}
    for row in repository.iter_observations(run_id, "gate"):
        x, y = (row.xyxy[0] + row.xyxy[2]) / 2, row.xyxy[3]
        if start <= row.media_time < end and (area is None or _inside(area, x, y)):
            expected.setdefault(row.number, []).append(row.frame_index)
    found = list(repository.present_in("gate", area, start, end, run_id))
    assert expected
    assert {one.track.number: one.observations for one in found} == {n: len(f) for n, f in expected.items()}
    for one in found:
        frames = expected[one.track.number]
        assert (one.entered_at, one.left_at) == (START + min(frames) * FRAME, START + max(frames) * FRAME)
    assert [one.entered_at for one in found] == sorted(one.entered_at for one in found)


def test_track_that_began_long_before_the_interval_is_found(engine: Engine) -> None:
    run_id = start_run(engine, "gate", "dock")
    write(engine, run_id, [batch(frame, [1]) for frame in range(0, 1000, 10)])
    write(engine, run_id, walk(1200, people=1, camera="dock"))
    write(engine, run_id, [batch(frame, [2]) for frame in range(970, 980)])
    start = START + 985 * FRAME
    repository = TrackRepository(engine)
    assert [one.track.number for one in repository.present_in("gate", None, start, start + 10 * FRAME)] == [1]
    assert [track.number for track in repository.summaries(camera_id="gate", start=start)] == [1]
    assert list(repository.summaries(camera_id="gate", start=START + 991 * FRAME)) == []


def _inside(area: Area, x: float, y: float) -> bool:
    if area.is_box:
        left, top, right, bottom = area.bounds
        return left <= x <= right and top <= y <= bottom
    odd = False
    vertices = area.vertices
    for (x0, y0), (x1, y1) in zip(vertices, vertices[1:] + vertices[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            odd = not odd
    return odd


def test_times_of_queries_need_a_zone(engine: Engine) -> None:
    naive = START.replace(tzinfo=None)
    with pytest.raises(NaiveTimeError):
        list(TrackRepository(engine).present_in("gate", None, naive, START))


def test_area_query_uses_the_indexes(engine: Engine) -> None:
    cameras = ["gate", *(f"camera-{i}" for i in range(9))]
    run_id = start_run(engine, *cameras)
    for camera in cameras:
        write(engine, run_id, walk(2000, people=4, stay=10, camera=camera))
    query = presence_query("gate", Area.box(0, 0, 50, 500), START, START + timedelta(seconds=5))
    plan = _plan(engine, query)
    if engine.dialect.name == "sqlite":
        by_time = "ix_tracks_camera_id_first_at_last_at (camera_id=? AND first_at>? AND first_at<?)"
        assert f"SEARCH tracks USING INDEX {by_time}" in plan
        assert "USING INDEX ix_tracks_camera_id_duration (camera_id=?)" in plan
        assert "SEARCH observations USING PRIMARY KEY (track_id=? AND media_time>? AND media_time<?)" in plan
        assert "SCAN observations" not in plan
        assert "SCAN tracks" not in plan
    else:
        assert "ix_tracks_camera_id_first_at_last_at" in plan
        assert "ix_tracks_camera_id_duration" in plan
        assert "pk_observations" in plan
        assert "Seq Scan on observations" not in plan


def _plan(engine: Engine, query: Select[*tuple[Any, ...]]) -> str:
    sqlite = engine.dialect.name == "sqlite"
    text = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the tables of a test are small
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{text}").all()
    return "\n".join(str(row[-1]) for row in rows)


def test_activity_counts_tracks_and_observations(engine: Engine) -> None:
    run_id = start_run(engine)
    write(engine, run_id, walk(100))
    bins = TrackRepository(engine).activity(run_id, "gate", 1.0)
    assert [one.start for one in bins] == [START + timedelta(seconds=second) for second in range(4)]
    assert [one.observations for one in bins] == [75, 75, 75, 75]
    assert [one.tracks for one in bins] == [4, 4, 4, 4]
    with pytest.raises(ValueError, match="microsecond"):
        TrackRepository(engine).activity(run_id, "gate", 0)
