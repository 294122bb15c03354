"""What is usual for a camera: a median that follows slowly, in two numbers."""

from __future__ import annotations

import statistics

_FIRST = 15
"""The first median is that of so many values, a quarter of a minute at one a second; people pass meanwhile."""
_STEP = 0.001
"""Then each value moves it by so much: at one a second it doubles or halves within 12 minutes at the earliest."""


class UsualLevel:
    """A running median of positive values, as it changes over minutes.

    Reference:
        Ma, Muthukrishnan and Sandler 2013 (Frugal Streaming for Estimating Quantiles), here with steps that are a
        share of the estimate.
    """

    def __init__(self) -> None:
        self._first: list[float] = []
        self._value: float | None = None

    @property
    def value(self) -> float | None:
        """The usual value; None until enough values are known."""
        return self._value

    def learn(self, value: float) -> None:
        """Take a value of a well camera into account; those that are not positive are none."""
        if value <= 0:
            return
        if self._value is not None:
            self._value *= 1 + _STEP if value > self._value else 1 - _STEP if value < self._value else 1
            return
        self._first.append(value)
        if len(self._first) == _FIRST:
            self._value = statistics.median(self._first)
            self._first.clear()
