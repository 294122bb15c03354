"""A figure beside what it must be and what it should be, as a row of a Markdown table."""

from __future__ import annotations

from dataclasses import dataclass

HEADER = "| what | measured | must | aim | | how |\n|---|---|---|---|---|---|"


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, and whether that is good enough.

    Attributes:
        what: was measured.
        value: in ``unit``; None where it could not be measured.
        unit: such as ``ms``.
        must, aim: bounds in the same unit; None where there is none.
        at_least: the value must not be below the bounds; else not above them.
        note: how it came about, or why there is no value.
    """

    what: str
    value: float | None
    unit: str = ""
    must: float | None = None
    aim: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        """``aim``, ``must`` or ``misses``: the best bound that holds; empty where there is nothing to compare."""
        if self.value is None:
            return "not measured"
        bounds = {"aim": self.aim, "must": self.must}
        known = {name: bound for name, bound in bounds.items() if bound is not None}
        held = [name for name, bound in known.items() if self._keeps(self.value, bound)]
        return held[0] if held else "misses" if known else ""

    def row(self) -> str:
        """A line of the table under :data:`HEADER`."""
        sign = "≥" if self.at_least else "≤"
        cells = [
            self.what,
            "" if self.value is None else self._with_unit(self.value),
            *("" if bound is None else f"{sign} {self._with_unit(bound)}" for bound in (self.must, self.aim)),
            self.verdict,
            self.note,
        ]
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"

    def _keeps(self, value: float, bound: float) -> bool:
        return value >= bound if self.at_least else value <= bound

    def _with_unit(self, value: float) -> str:
        number = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
        return f"{number} {self.unit}".strip()
