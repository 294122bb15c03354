"""The second look at the tracks of one camera: gaps filled, then ways smoothed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.second_look.sights import fill_gaps
from pipeline.second_look.smoothing import BandwidthChoice, smoothed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.second_look.sights import Sights

    TimesBetween = Callable[[int, int], NDArray[np.float64]]


def refined(
    tracks: Callable[[], Iterable[Sights]],
    times_between: TimesBetween,
    *,
    interval_s: float,
    fill_gap_s: float,
    smooth: bool,
) -> Iterator[Sights]:
    """The tracks with what a second look tells of them, one at a time.

    Args:
        tracks: gives the detected positions of each track; asked twice, first to learn how noisy they are.
        times_between: media times in seconds of the frames between two indices, both included.
        interval_s: nominal time from frame to frame.
        fill_gap_s: gaps up to so long are filled; 0 fills none.
        smooth: whether ways are smoothed.
    """
    bandwidth = None
    if smooth:
        choice = BandwidthChoice(interval_s)
        for track in tracks():
            choice.add(fill_gaps(track, times_between, fill_gap_s))
            if choice.settled:
                break
        bandwidth = choice.best()
    for track in tracks():
        filled = fill_gaps(track, times_between, fill_gap_s)
        yield filled if bandwidth is None else replace(filled, xyxy=smoothed(filled, bandwidth))
