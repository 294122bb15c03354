"""All live tracks as a structure of arrays that grows and shrinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAST = 8
"""How many observed centres a track keeps, for its momentum."""

_FIELDS: dict[str, tuple[tuple[int, ...], type]] = {
    "kalman": ((5, 4), np.float64),
    "observed": ((5, 4), np.float64),
    "box": ((4,), np.float64),
    "seen_s": ((), np.float64),
    "started_s": ((), np.float64),
    "start_box": ((4,), np.float64),
    "past_centre": ((PAST, 2), np.float64),
    "past_s": ((PAST,), np.float64),
    "hits": ((), np.int64),
    "id": ((), np.int64),
    "class_id": ((), np.int64),
    "state": ((), np.int8),
}


class TrackTable:
    """One row a track, in the order in which they started.

    The arrays are views of the rows in use: fetch them anew after :meth:`append` and :meth:`keep`.

    Attributes:
        kalman: (N, 5, 4) float64, state of the filter, predicted to the present.
        observed: (N, 5, 4) float64, the state when the track was last seen.
        box: (N, 4) float64 xyxy, the last detection.
        seen_s: (N,) media time of the last detection.
        started_s: (N,) media time of the first detection.
        start_box: (N, 4) float64 xyxy, the first detection.
        past_centre: (N, PAST, 2) centres of detections, a ring written at ``hits % PAST``.
        past_s: (N, PAST) their media times, -inf where none is.
        hits: (N,) int64 detections so far.
        id: (N,) int64.
        class_id: (N,) int64.
        state: (N,) int8 of :class:`~pipeline.tracking.tracks.TrackState`.
        feature: (N, D) float32, appearance; D is 0 until one is given.
    """

    kalman: NDArray[np.float64]
    observed: NDArray[np.float64]
    box: NDArray[np.float64]
    seen_s: NDArray[np.float64]
    started_s: NDArray[np.float64]
    start_box: NDArray[np.float64]
    past_centre: NDArray[np.float64]
    past_s: NDArray[np.float64]
    hits: NDArray[np.int64]
    id: NDArray[np.int64]
    class_id: NDArray[np.int64]
    state: NDArray[np.int8]
    feature: NDArray[np.float32]

    def __init__(self) -> None:
        self._store: dict[str, NDArray[np.generic]] = {
            name: np.zeros((16, *shape), dtype) for name, (shape, dtype) in _FIELDS.items()
        }
        self._store["feature"] = np.zeros((16, 0), np.float32)
        self._size = 0
        self._show()

    def __len__(self) -> int:
        return self._size

    def describe(self, dimension: int) -> None:
        """Make room for descriptors of length ``dimension``; tracks so far have none (zeros)."""
        if self.feature.shape[1] != dimension:
            self._store["feature"] = np.zeros((len(self._store["id"]), dimension), np.float32)
            self._show()

    def append(self, count: int) -> slice:
        """Add ``count`` rows, all zeros; returns where they are."""
        first, last = self._size, self._size + count
        capacity = len(self._store["id"])
        if last > capacity:
            for name, values in self._store.items():
                larger = np.zeros((max(last, 2 * capacity), *values.shape[1:]), values.dtype)
                larger[:first] = values[:first]
                self._store[name] = larger
        self._size = last
        for values in self._store.values():
            values[first:last] = 0
        self._show()
        return slice(first, last)

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Remove the rows that are not marked; the others keep their order."""
        left = int(np.count_nonzero(rows))
        for values in self._store.values():
            values[:left] = values[: self._size][rows]
        self._size = left
        self._show()

    def move(self, shift: NDArray[np.float64]) -> None:
        """Move everything remembered by ``shift`` (2,) pixels: :meth:`follow_camera` without turn and scale.

        For itself, because most frames of a moving camera need it, and the whole would cost a fifth of the tracker's time.
        """
        centres = (self.kalman[:, 0, :2], self.observed[:, 0, :2], self.past_centre)
        corners = (self.box.reshape(-1, 2, 2), self.start_box.reshape(-1, 2, 2))
        for points in centres + corners:  # all of them views
            np.add(points, shift, out=points)

    def follow_camera(self, motion: NDArray[np.float64]) -> None:
        """Take everything remembered to where it is in the picture now that the camera moved.

        Args:
            motion: (2, 3) rotation, scale and shift from old pixels to new ones.
        """
        turn, shift = motion[:, :2].T, motion[:, 2]
        scale = float(np.sqrt(abs(np.linalg.det(turn))))
        for state in (self.kalman, self.observed):
            state[:, :2, :2] = state[:, :2, :2] @ turn
            state[:, 0, :2] += shift
            state[:, :2, 2:] *= scale
            state[:, 2:] *= scale * scale  # variances; the noise of both directions is alike, so no turn
        self.past_centre[:] = self.past_centre @ turn + shift
        for box in (self.box, self.start_box):
            centre = (box[:, :2] + box[:, 2:]) * 0.5 @ turn + shift
            half = (box[:, 2:] - box[:, :2]) * (0.5 * scale)
            box[:, :2], box[:, 2:] = centre - half, centre + half

    def _show(self) -> None:
        for name, values in self._store.items():
            setattr(self, name, values[: self._size])
