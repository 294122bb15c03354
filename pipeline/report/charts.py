"""Charts over time, as paths in a box of 1000 x 100 that the page stretches to its width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.evaluation.scores import ErrorKind
from pipeline.report.wording import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.evaluation.scores import LocatedErrors
    from pipeline.report.content import Activity, Trajectory

WIDTH, HEIGHT = 1000, 100
_MOST_BINS = 240
_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_MOST_TIME_TICKS = 7


@dataclass(frozen=True, slots=True)
class Tick:
    """A label at a share of an axis, in percent of its length."""

    percent: float
    label: str


@dataclass(frozen=True, slots=True)
class ActivityChart:
    """Persons over time: the mean as an area, the peak as a line above it.

    Attributes:
        mean_area: SVG path, closed.
        peak_line: SVG path.
        persons: ticks of the upright axis, percent from the bottom.
        time: ticks of the time axis.
        busiest: when most persons were there at once, as ``m:ss``, and how many.
    """

    mean_area: str
    peak_line: str
    persons: Sequence[Tick]
    time: Sequence[Tick]
    busiest: tuple[str, int]


def activity_chart(activity: Activity, duration_s: float) -> ActivityChart:
    """Draw the activity of a camera over ``duration_s``."""
    group = max(1, -(-len(activity.mean_persons) // _MOST_BINS))
    mean, peak = _grouped(activity.mean_persons, group).mean(1), _grouped(activity.peak_persons, group).max(1)
    top = max(1, int(peak.max(initial=0)))
    scale = HEIGHT / (top * 1.08)
    span = max(duration_s, len(activity.mean_persons) * activity.bin_s, 1e-9)
    edges = np.minimum(np.arange(len(mean) + 1) * group * activity.bin_s / span, 1.0) * WIDTH
    at = int(activity.peak_persons.argmax()) if len(activity.peak_persons) else 0
    return ActivityChart(
        mean_area=_steps(edges, HEIGHT - mean * scale) + f"V{HEIGHT}H0Z" if len(mean) else "",
        peak_line=_steps(edges, HEIGHT - peak * scale) if len(mean) else "",
        persons=[Tick(value * scale, str(value)) for value in _whole_ticks(top)],
        time=time_ticks(span),
        busiest=(clock(at * activity.bin_s), int(activity.peak_persons.max(initial=0))),
    )


@dataclass(frozen=True, slots=True)
class ErrorChart:
    """Errors over time: misses upwards, false positives downwards, switches as ticks below.

    Attributes:
        misses: SVG path of the bars above the middle.
        false_positives: SVG path of the bars below it.
        switches: positions in percent of the width, those nearer than a tenth of a percent as one.
        highest: the most misses or false positives of a bin.
        bin_label: how long a bin is.
        time: ticks of the time axis.
        worst: ``m:ss`` of the bin with most errors, and its misses and false positives; None without errors.
    """

    misses: str
    false_positives: str
    switches: Sequence[float]
    highest: int
    bin_label: str
    time: Sequence[Tick]
    worst: tuple[str, int, int] | None


def error_chart(errors: LocatedErrors, fps: float, duration_s: float) -> ErrorChart:
    """Draw when the errors happened."""
    span = max(duration_s, 1 / fps)
    bin_s = next((step for step in _TIME_STEPS_S if span / step <= _MOST_BINS / 2), _TIME_STEPS_S[-1])
    bins = max(1, int(np.ceil(span / bin_s)))
    missed, extra = (
        np.bincount(((errors.of(kind).frame - 1) / fps / bin_s).astype(int).clip(0, bins - 1), minlength=bins)
        for kind in (ErrorKind.MISS, ErrorKind.FALSE_POSITIVE)
    )
    highest = max(1, int(missed.max()), int(extra.max()))
    edges = np.minimum(np.arange(bins + 1) * bin_s / span, 1.0) * WIDTH
    middle = HEIGHT / 2
    worst = int((missed + extra).argmax())
    return ErrorChart(
        misses=_bars(edges, middle, -missed * middle / highest),
        false_positives=_bars(edges, middle, extra * middle / highest),
        switches=sorted(
            {
                round(min(100.0, 100 * (frame - 1) / fps / span), 1)
                for frame in errors.of(ErrorKind.IDENTITY_SWITCH).frame.tolist()
            }
        ),
        highest=highest,
        bin_label=f"{bin_s} s" if bin_s < 60 else f"{bin_s // 60} min",
        time=time_ticks(span),
        worst=(clock(worst * bin_s), int(missed[worst]), int(extra[worst]))
        if missed[worst] + extra[worst]
        else None,
    )


@dataclass(frozen=True, slots=True)
class Presence:
    """When a track was there: (start, width) in percent of the duration, seen and filled in."""

    seen: Sequence[tuple[float, float]]
    filled: Sequence[tuple[float, float]]


def presence(trajectory: Trajectory | None, duration_s: float) -> Presence:
    """The stretches of a trajectory along the time axis; none without a trajectory."""
    if trajectory is None or not len(trajectory.time_s):
        return Presence([], [])
    flagged = trajectory.interpolated
    starts = np.concatenate([[0], np.flatnonzero(np.diff(flagged)) + 1])
    ends = np.concatenate([starts[1:], [len(flagged) - 1]])
    stretches: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    for start, end in zip(starts, ends, strict=True):
        begin, stop = (100 * float(trajectory.time_s[at]) / max(duration_s, 1e-9) for at in (start, end))
        stretches[bool(flagged[start])].append((round(begin, 2), round(max(stop - begin, 0.3), 2)))
    return Presence(stretches[False], stretches[True])


def time_ticks(span_s: float) -> list[Tick]:
    """Round times along an axis of ``span_s`` seconds."""
    step = next((s for s in _TIME_STEPS_S if span_s / s <= _MOST_TIME_TICKS), _TIME_STEPS_S[-1])
    times = range(0, min(int(span_s), step * 60) + 1, step)
    return [Tick(round(100 * time / max(span_s, 1e-9), 2), clock(time)) for time in times]


def _grouped(values: NDArray[np.floating] | NDArray[np.integer], group: int) -> NDArray[np.float64]:
    """(B,) values as rows of ``group``; the last one is repeated to fill its row."""
    missing = -len(values) % group
    return np.pad(
        np.asarray(values, np.float64), (0, missing), mode="edge" if missing else "constant"
    ).reshape(-1, group)


def _steps(edges: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    start = f"M{edges[0]:.1f} {y[0]:.1f}"
    return start + "".join(f"V{level:.1f}H{edge:.1f}" for level, edge in zip(y, edges[1:], strict=True))


def _bars(edges: NDArray[np.float64], base: float, heights: NDArray[np.float64]) -> str:
    gap = 0.12 * (edges[1] - edges[0])
    return "".join(
        f"M{left + gap:.1f} {base:.1f}v{height:.1f}H{right - gap:.1f}v{-height:.1f}z"
        for left, right, height in zip(edges[:-1], edges[1:], heights, strict=True)
        if height
    )


def _whole_ticks(top: int) -> list[int]:
    """Up to six whole numbers from 0 to ``top``."""
    step = next(s for s in (f * 10**e for e in range(12) for f in (1, 2, 5)) if top / s <= 5)
    return list(range(0, top + 1, step))
