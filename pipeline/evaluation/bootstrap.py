"""Confidence intervals by drawing sequences or images again, with replacement."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from pipeline.evaluation.scores import DetectionScores, Interval, TrackingScores

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

FEWEST_UNITS = 3
"""Of one or two sequences or images nothing can be said about the next: no interval is given."""
_CONFIDENCE_PERCENT = 95
_SEED = 20090604  # any fixed number: the same results give the same interval

Unit = TypeVar("Unit")


def intervals(
    units: Sequence[Unit],
    score: Callable[[Sequence[Unit]], TrackingScores | DetectionScores],
    names: Sequence[str],
    draws: int,
) -> Mapping[str, Interval]:
    """95 % percentile intervals of scores over the units that were drawn from a larger world.

    Args:
        units: what is drawn: the statistics of a sequence or image each.
        score: scores of a drawn set, combined from counts.
        names: which scores get an interval.
        draws: how many sets are drawn.

    Returns:
        name → interval; empty for fewer than ``FEWEST_UNITS`` units.

    Reference:
        Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    if len(units) < FEWEST_UNITS:
        return {}
    generator = np.random.default_rng(_SEED)
    values = np.empty((draws, len(names)))
    for number in range(draws):
        drawn: NDArray[np.int64] = generator.integers(len(units), size=len(units))
        scores = asdict(score([units[index] for index in drawn]))
        values[number] = [scores[name] for name in names]
    tail = (100 - _CONFIDENCE_PERCENT) / 2
    defined = values[np.isfinite(values).all(axis=1)]  # images that were drawn may hold no person at all
    if not len(defined):
        return {}
    low, high = np.percentile(defined, [tail, 100 - tail], axis=0)
    return {name: Interval(float(low[k]), float(high[k])) for k, name in enumerate(names)}
