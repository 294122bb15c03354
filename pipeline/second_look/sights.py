"""Where one track was seen, with the short gaps between filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Sights:
    """Positions of one track, in the order of time.

    Attributes:
        number: the tracker's id.
        frame: (N,) int64, index of the frame, rising.
        time_s: (N,) float64 media time, rising.
        xyxy: (N, 4) float64 pixels.
        score: (N,) float32 in [0, 1].
        filled: (N,) whether there was no detection: the position lies between two of them.
    """

    number: int
    frame: NDArray[np.int64]
    time_s: NDArray[np.float64]
    xyxy: NDArray[np.float64]
    score: NDArray[np.float32]
    filled: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.frame)


def detected(
    number: int,
    frame: NDArray[np.int64],
    time_s: NDArray[np.float64],
    xyxy: NDArray[np.floating],
    score: NDArray[np.float32],
) -> Sights:
    """The sights of a track as it was detected."""
    return Sights(number, frame, time_s, np.asarray(xyxy, np.float64), score, np.zeros(len(frame), np.bool_))


def fill_gaps(
    sights: Sights, times_between: Callable[[int, int], NDArray[np.float64]], longest_s: float
) -> Sights:
    """Put a position on the straight way into every frame of the gaps up to ``longest_s``.

    A filled position has the lesser score of the two detections that it lies between.

    Args:
        sights: of one track.
        times_between: (last - first + 1,) media times in seconds of the frames from index ``first`` to ``last``.
        longest_s: longer gaps stay open.
    """
    short = (np.diff(sights.frame) > 1) & (np.diff(sights.time_s) <= longest_s)
    parts = [sights]
    for row in short.nonzero()[0].tolist():
        first, last = int(sights.frame[row]), int(sights.frame[row + 1])
        time_s = times_between(first, last)
        share = ((time_s - time_s[0]) / (time_s[-1] - time_s[0]))[1:-1, None]
        count = len(share)
        parts.append(
            Sights(
                sights.number,
                np.arange(first + 1, last),
                time_s[1:-1],
                sights.xyxy[row] + (sights.xyxy[row + 1] - sights.xyxy[row]) * share,
                np.full(count, sights.score[row : row + 2].min(), np.float32),
                np.ones(count, np.bool_),
            )
        )
    if len(parts) == 1:
        return sights
    order = np.argsort(np.concatenate([part.frame for part in parts]), kind="stable")

    def whole(name: str) -> NDArray[Any]:
        values: NDArray[Any] = np.concatenate([getattr(part, name) for part in parts])[order]
        return values

    return Sights(sights.number, *(whole(name) for name in ("frame", "time_s", "xyxy", "score", "filled")))
