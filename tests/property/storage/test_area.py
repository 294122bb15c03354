"""The SQL of an area agrees with OpenCV's test of a point in a polygon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Float, MetaData, Table, create_engine, insert, select

from config.errors import ConfigError
from storage.area import MAX_VERTICES, Area, lies_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_POINTS = Table("points", MetaData(), Column("x", Float), Column("y", Float))
_GRID = [(x + 0.5, y + 0.25) for x in range(-2, 22) for y in range(-2, 22)]  # never on an edge's vertex
_VERTEX = st.tuples(st.integers(0, 20), st.integers(0, 20))


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as opened:
        _POINTS.create(opened)
        opened.execute(insert(_POINTS), [{"x": x, "y": y} for x, y in _GRID])
        yield opened
    engine.dispose()


@settings(max_examples=150, deadline=None)
@given(vertices=st.lists(_VERTEX, min_size=3, max_size=8, unique=True))
def test_same_points_as_opencv(connection: Connection, vertices: list[tuple[int, int]]) -> None:
    contour = np.array(vertices, np.float32)
    distances = {point: cv2.pointPolygonTest(contour, point, True) for point in _GRID}
    assume(abs(cv2.contourArea(contour)) > 0)
    area = Area(tuple((float(x), float(y)) for x, y in vertices))
    rows = connection.execute(select(_POINTS).where(lies_in(area, _POINTS.c.x, _POINTS.c.y)))
    found = {(x, y) for x, y in rows}
    for point, distance in distances.items():
        if abs(distance) > 1e-3:
            assert (point in found) == (distance > 0), point


def test_box_includes_its_edges(connection: Connection) -> None:
    rows = connection.execute(
        select(_POINTS).where(lies_in(Area.box(0.5, 0.25, 1.5, 1.25), _POINTS.c.x, _POINTS.c.y))
    )
    assert len(rows.all()) == 4


@pytest.mark.parametrize("text", ["0,0,10,20", "0,0 10,0 10,20 0,20"])
def test_areas_are_read(text: str) -> None:
    assert Area.parse(text) == Area.box(0, 0, 10, 20)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "a,b,c,d", "0,0 1,1", "10,0,0,10", "0,0 1,1 2", "0,0 1,nan 2,2"]
)
def test_what_is_no_area_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        Area.parse(text)


def test_largest_polygon_is_still_one_statement(connection: Connection) -> None:
    turn = np.linspace(0, 2 * np.pi, MAX_VERTICES, endpoint=False)
    circle = Area(tuple((10 + 8 * float(np.cos(t)), 10 + 8 * float(np.sin(t))) for t in turn))
    rows = connection.execute(select(_POINTS).where(lies_in(circle, _POINTS.c.x, _POINTS.c.y))).all()
    assert len(rows) == pytest.approx(np.pi * 64, rel=0.05)
