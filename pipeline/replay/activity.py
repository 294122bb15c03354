"""Persons over time, in a bounded number of bins whatever the length of a recording."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from pipeline.report.content import Activity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from numpy.typing import NDArray

    from storage.records import Observation

_MICROS = 1_000_000
_BIN_STEPS_S = (1, 2, 10, 30, 60, 120, 600, 1800, 3600, 7200, 21_600, 86_400)
"""Lengths of a bin that read well, each a multiple of the one before; beyond them it doubles."""


class FrameTally:
    """Counts frames in bins of equal length; when the bins run out, neighbours are joined and all are longer.

    Args:
        most_bins: how many there may be, a multiple of 60.
    """

    def __init__(self, most_bins: int = 240) -> None:
        self._counts = np.zeros(most_bins, np.int64)
        self._bin_s = _BIN_STEPS_S[0]
        self._used = 0

    @property
    def bin_s(self) -> int:
        """Length of a bin, seconds."""
        return self._bin_s

    @property
    def counts(self) -> NDArray[np.int64]:
        """(B,) frames in each bin, up to the last that has one."""
        return self._counts[: self._used].copy()

    def add(self, time_s: float) -> None:
        """Count a frame at so many seconds (>= 0) after the first."""
        time_us = round(time_s * _MICROS)
        while time_us // (self._bin_s * _MICROS) >= len(self._counts):
            self._join()
        index = time_us // (self._bin_s * _MICROS)
        self._counts[index] += 1
        self._used = max(self._used, index + 1)

    def _join(self) -> None:
        longer_s = next((step for step in _BIN_STEPS_S if step > self._bin_s), 2 * self._bin_s)
        factor = longer_s // self._bin_s
        joined = self._counts.reshape(-1, factor).sum(axis=1)
        self._counts = np.zeros_like(self._counts)
        self._counts[: len(joined)] = joined
        self._used = -(-self._used // factor)
        self._bin_s = longer_s


def activity(observations: Iterable[Observation], started_at: datetime, frames: FrameTally) -> Activity:
    """How many persons were in the picture when.

    Args:
        observations: in the order of frames.
        started_at: time of the first frame.
        frames: of the same recording.
    """
    counts = frames.counts
    persons = np.zeros(len(counts), np.int64)
    peaks = np.zeros(len(counts), np.int64)
    bin_us = frames.bin_s * _MICROS
    for time, group in groupby(observations, key=lambda observation: observation.media_time):
        delta = time - started_at
        time_us = (delta.days * 86_400 + delta.seconds) * _MICROS + delta.microseconds
        index = min(time_us // bin_us, len(counts) - 1)
        present = sum(1 for _ in group)
        persons[index] += present
        peaks[index] = max(peaks[index], present)
    return Activity(float(frames.bin_s), persons / np.maximum(counts, 1), peaks)
