"""An area of the picture, and the SQL that says whether a foot point lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Self

from sqlalchemy import and_, case

from config.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute

    Column = InstrumentedAttribute[float] | ColumnElement[float]

MAX_VERTICES = 200  # SQLite parses expressions up to 1000 deep; an area drawn by hand has a dozen


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon in pixels, closed from the last vertex to the first; crossing edges count by the even-odd rule.

    Attributes:
        vertices: (x, y) each, at least three.

    Raises:
        ConfigError: fewer than three vertices, more than ``MAX_VERTICES``, or one that is not finite.
    """

    vertices: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if not 3 <= len(self.vertices) <= MAX_VERTICES:
            raise ConfigError(f"an area needs 3 to {MAX_VERTICES} vertices, has {len(self.vertices)}")
        if not all(isfinite(value) for vertex in self.vertices for value in vertex):
            raise ConfigError("the vertices of an area must be finite numbers")

    @classmethod
    def box(cls, left: float, top: float, right: float, bottom: float) -> Self:
        """An upright rectangle, its edges included.

        Raises:
            ConfigError: inverted or without area.
        """
        if not (left < right and top < bottom):
            raise ConfigError(
                f"a box needs left < right and top < bottom, is {left:g},{top:g},{right:g},{bottom:g}"
            )
        return cls(((left, top), (right, top), (right, bottom), (left, bottom)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The area of ``left,top,right,bottom`` or of ``x,y x,y x,y …``, pixels.

        Raises:
            ConfigError: neither of the two.
        """
        try:
            points = [tuple(float(value) for value in point.split(",")) for point in text.split()]
        except ValueError:
            points = []
        if len(points) == 1 and len(points[0]) == 4:
            return cls.box(*points[0])
        if len(points) < 3 or any(len(point) != 2 for point in points):
            raise ConfigError(f"an area is left,top,right,bottom or 'x,y x,y x,y …' in pixels, not {text!r}")
        return cls(tuple((x, y) for x, y in points))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the smallest box around the area."""
        xs, ys = zip(*self.vertices, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def is_box(self) -> bool:
        """Whether the area is the rectangle that :meth:`box` makes."""
        left, top, right, bottom = self.bounds
        return self.vertices == ((left, top), (right, top), (right, bottom), (left, bottom))


def lies_in(area: Area, x: Column, y: Column) -> ColumnElement[bool]:
    """The condition that the point (x, y) lies in the area.

    Points on the edge of a box are inside; on the edge of another polygon, either way.

    Reference:
        Shimrat, Algorithm 112: Position of point relative to polygon, CACM 5(8), 1962.
    """
    left, top, right, bottom = area.bounds
    in_bounds = and_(x >= left, x <= right, y >= top, y <= bottom)
    if area.is_box:
        return in_bounds
    crossings: ColumnElement[int] | None = None
    for (x0, y0), (x1, y1) in pairwise((*area.vertices, area.vertices[0])):
        if y0 == y1:
            continue
        crosses = and_(
            y >= min(y0, y1), y < max(y0, y1), x < (y - y0) * ((x1 - x0) / (y1 - y0)) + x0
        )  # a ray to the right crosses this edge
        term = case((crosses, 1), else_=0)
        crossings = term if crossings is None else crossings + term
    if crossings is None:
        return and_(in_bounds, y < top)  # all vertices on one line: nothing lies inside
    return and_(in_bounds, crossings % 2 == 1)
