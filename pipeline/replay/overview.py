"""What the report and the summary say about the tracks of a camera, gathered track by track."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from pipeline.report.gathering import summarise_track
from storage.records import ObservationOrigin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from numpy.typing import NDArray

    from pipeline.report.content import TrackSummary, Trajectory
    from storage.records import Trajectory as StoredTrajectory

MOST_WAYS = 500
"""Ways that are kept for drawing: the longest."""
MOST_SUMMARIES = 20_000
"""Tracks that are kept for the table: the longest."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class TracksOverview:
    """The tracks of one camera.

    Attributes:
        tracks: how many there are.
        observations: how many positions, by how they are known.
        summaries: the longest tracks, by number.
        ways: the ways of the longest tracks, thinned out, by number.
    """

    tracks: int
    observations: dict[ObservationOrigin, int]
    summaries: list[TrackSummary]
    ways: list[Trajectory]


def overview(trajectories: Iterable[StoredTrajectory], started_at: datetime) -> TracksOverview:
    """Walk over all tracks of a camera; memory is bounded whatever their number.

    Args:
        trajectories: by number.
        started_at: time of the first frame.
    """
    start_us = round(started_at.timestamp() * 1_000_000)
    summaries: _Longest[TrackSummary] = _Longest(MOST_SUMMARIES)
    ways: _Longest[Trajectory] = _Longest(MOST_WAYS)
    origins: Counter[ObservationOrigin] = Counter()
    tracks = 0
    for track in trajectories:
        tracks += 1
        origins.update(track.origin)
        time_s = (track.media_time_us - start_us) / 1e6
        number, length = track.summary.number, len(time_s)
        way, summary = summarise_track(number, time_s, track.xyxy, track.score, _interpolated(track))
        summaries.offer(length, number, summary)
        ways.offer(length, number, way)
    by_origin = {origin: origins[origin] for origin in ObservationOrigin}
    return TracksOverview(tracks, by_origin, summaries.by_number(), ways.by_number())


def _interpolated(track: StoredTrajectory) -> NDArray[np.bool_]:
    return np.array([origin is ObservationOrigin.INTERPOLATED for origin in track.origin])


class _Longest(Generic[Item]):
    """The items with the highest lengths; of equal ones those with the lower numbers."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[int, int, Item]] = []

    def offer(self, length: int, number: int, item: Item) -> None:
        entry = (length, -number, item)
        if len(self._heap) < self._most:
            heapq.heappush(self._heap, entry)
        elif entry[:2] > self._heap[0][:2]:
            heapq.heapreplace(self._heap, entry)

    def by_number(self) -> list[Item]:
        return [item for _, _, item in sorted(self._heap, key=lambda entry: -entry[1])]
