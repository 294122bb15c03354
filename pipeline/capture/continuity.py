"""Frames that a recording should hold and does not: gaps between its time stamps, and what is missing at its end.

FFmpeg's demuxers skip what they cannot read, some without a word. Time stamps and what the container states of its length
still tell, as long as the camera gave frames at a constant rate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from statistics import median_low
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

_FIRST_STEPS = 50
"""So many steps from frame to frame tell the period; fewer where the recording has no more."""
_FEWEST_STEPS = 19
"""Twenty frames: with fewer nobody can say what is regular."""
_REGULAR_SHARE = Fraction(95, 100)
"""A recording is of constant rate if so many of its steps are one period long; else nothing is said of it."""
_JITTER = Fraction(1, 4)
"""Of a period: time stamps are rounded to ticks, and clocks are not exact."""
_LONGER_THAN_A_STEP = Fraction(3, 2)
"""In periods: from here on a frame is missing."""
_MOST_GAPS_KEPT = 20


@dataclass(frozen=True, slots=True)
class Gap:
    """Frames that are missing between two others.

    Attributes:
        after_s: time of the last frame before it, seconds since the first.
        frames: how many would fit.
    """

    after_s: float
    frames: int


@dataclass(frozen=True, slots=True)
class MissingFrames:
    """What a recording of constant rate lacks; all zero for one of variable rate.

    Attributes:
        gaps: how many gaps there are.
        in_gaps: frames that would fit into them.
        first_gaps: the first twenty.
        at_end: frames between the last one and the end that the container states.
        unaccounted: frames that an MP4 file's index lists, but which were neither shown nor counted as damaged.
    """

    gaps: int = 0
    in_gaps: int = 0
    first_gaps: tuple[Gap, ...] = ()
    at_end: int = 0
    unaccounted: int = 0


class FrameSteps:
    """Watches the steps from frame to frame, in bounded memory.

    Args:
        time_base_s: seconds a tick of the time stamps.
    """

    def __init__(self, time_base_s: Fraction) -> None:
        self._time_base_s = time_base_s
        self._first: list[tuple[float, int]] = []
        self._tally: _StepTally | None = None
        self._first_pts: int | None = None
        self._last_pts: int | None = None
        self._last_s = 0.0

    def add(self, pts: int | None, time_s: Fraction) -> None:
        """The next frame: its time stamp, and the media time that was made of it."""
        if pts is None:
            self._last_pts = None
            return
        if self._last_pts is not None:
            self._step(self._last_s, pts - self._last_pts)
        self._first_pts = pts if self._first_pts is None else self._first_pts
        self._last_pts, self._last_s = pts, float(time_s)

    def gaps(self) -> MissingFrames:
        """Gaps so far."""
        tally = self._judged()
        if not tally.is_constant:
            return MissingFrames()
        return MissingFrames(tally.gaps, tally.in_gaps, tuple(tally.first_gaps))

    def missing_until(self, end_s: Fraction) -> int:
        """Frames that would fit between the last one and a stated end, seconds.

        Containers count from zero, or from the first frame: whichever of the two lies nearer to the last counts.
        """
        tally = self._judged()
        if not tally.is_constant or self._last_pts is None or self._first_pts is None:
            return 0
        last = self._last_pts - min(0, self._first_pts)
        behind = end_s / self._time_base_s - last
        return max(0, round(behind / tally.period) - 1) if behind > _LONGER_THAN_A_STEP * tally.period else 0

    def _step(self, after_s: float, ticks: int) -> None:
        if self._tally is not None:
            self._tally.add(after_s, ticks)
            return
        self._first.append((after_s, ticks))
        if len(self._first) == _FIRST_STEPS:
            self._tally = self._judged()

    def _judged(self) -> _StepTally:
        if self._tally is not None:
            return self._tally
        tally = _StepTally(max(1, median_low([ticks for _, ticks in self._first] or [1])))
        for after_s, ticks in self._first:
            tally.add(after_s, ticks)
        return tally


class _StepTally:
    """Steps, regular ones and gaps, against a period in ticks."""

    def __init__(self, period: int) -> None:
        self.period = period
        self.steps = self.regular = self.gaps = self.in_gaps = 0
        self.first_gaps: list[Gap] = []

    @property
    def is_constant(self) -> bool:
        return self.steps >= _FEWEST_STEPS and self.regular >= _REGULAR_SHARE * self.steps

    def add(self, after_s: float, ticks: int) -> None:
        """A step of so many ticks: back in time (<= 0) is neither regular nor a gap."""
        self.steps += 1
        self.regular += abs(ticks - self.period) <= _JITTER * self.period
        if ticks > _LONGER_THAN_A_STEP * self.period:
            frames = round(Fraction(ticks, self.period)) - 1
            self.gaps += 1
            self.in_gaps += frames
            if len(self.first_gaps) < _MOST_GAPS_KEPT:
                self.first_gaps.append(Gap(after_s, frames))


def stated_end_s(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """When a Matroska or MP4 file says that its video ends, seconds; None where it does not say.

    Of other containers, and of MP4 in fragments, FFmpeg derives the length from what is there. The length of a whole
    Matroska file counts only if there is nothing but the video: sound may go on for longer.
    """
    if indexed_frames(container, stream) and stream.duration is not None and stream.time_base is not None:
        return stream.duration * stream.time_base
    if "matroska" not in container.format.name:
        return None
    tag = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if tag is not None:
        return 3600 * Fraction(tag[1]) + 60 * Fraction(tag[2]) + Fraction(tag[3])
    if container.duration is not None and len(container.streams) == 1:
        return Fraction(container.duration, 1_000_000)
    return None


def indexed_frames(container: InputContainer, stream: VideoStream) -> int | None:
    """How many frames an MP4 file's index lists (ISO/IEC 14496-12, 8.7.3); None for other containers."""
    return stream.frames if "mp4" in container.format.name and stream.frames > 0 else None
