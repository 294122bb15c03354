"""Pictures over the scene: ways of the tracks, where people stood, where the errors are."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.evaluation.scores import LocatedErrors
    from pipeline.report.content import Trajectory

MOST_WAYS = 400
"""More ways than this cannot be told apart; the longest are drawn."""
MOST_MARKS = 4000
"""More error marks than this hide the scene; they are thinned out evenly."""
TRACK_COLOURS = (
    "#5ec8ff", "#ffb347", "#a4de6c", "#ff7eb6", "#c79bff", "#ffe66d",
    "#5fe0c5", "#ff8a80", "#9fb4ff", "#d8e46a", "#ffa26b", "#b9c6d3",
)  # fmt: skip
"""Light colours, all with a contrast above 6 to the dimmed ground; repeated after the twelfth."""
_MOST_POINTS = 160
_LABEL_SIZE = (0.045, 0.028)  # room of a number, as shares of the longer side
_SMOOTHED_OVER = 5  # points of a way that are averaged, so that the shaking of boxes does not draw a comb
_HEAT_LONGEST_SIDE = 240  # cells
_HEAT_LONGEST_STEP_S = 1.0  # a longer step between two points is a gap, not a stay
_JPEG_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Way:
    """One trajectory, ready to be drawn.

    Attributes:
        number: the track's number.
        colour: CSS colour.
        seen: SVG path of the stretches that were seen.
        filled: SVG path of the stretches that the second look filled in.
        start: (x, y) of the first point.
        end: (x, y) of the last point.
        label: (x, y) of the middle of its number beside the end, or None where there is no room.
        first_s: first time, seconds.
        last_s: last time.
    """

    number: int
    colour: str
    seen: str
    filled: str
    start: tuple[int, int]
    end: tuple[int, int]
    label: tuple[int, int] | None
    first_s: float
    last_s: float


def ways(trajectories: Sequence[Trajectory], frame_size: tuple[int, int]) -> list[Way]:
    """The longest ways, in the order of their numbers; of numbers that would overlap the longest way's is shown."""
    usable = [trajectory for trajectory in trajectories if len(trajectory.time_s)]
    by_length = sorted(usable, key=lambda t: (t.time_s[0] - t.time_s[-1], t.number))[:MOST_WAYS]
    labels = _label_places([_whole(trajectory.foot[-1]) for trajectory in by_length], frame_size)
    drawn = [_way(trajectory, label) for trajectory, label in zip(by_length, labels, strict=True)]
    return sorted(drawn, key=lambda way: way.number)


def _label_places(
    ends: Sequence[tuple[int, int]], frame_size: tuple[int, int]
) -> list[tuple[int, int] | None]:
    """A place inside the picture above each end, None where an earlier one has it already."""
    width, height = (round(share * max(frame_size)) for share in _LABEL_SIZE)
    taken: list[tuple[int, int]] = []
    places: list[tuple[int, int] | None] = []
    for x, y in ends:
        place = (
            min(max(x, width // 2), frame_size[0] - width // 2),
            min(max(y - height, height // 2), frame_size[1] - height // 2),
        )
        free = all(abs(place[0] - other[0]) >= width or abs(place[1] - other[1]) >= height for other in taken)
        places.append(place if free else None)
        if free:
            taken.append(place)
    return places


def _way(trajectory: Trajectory, label: tuple[int, int] | None) -> Way:
    count = len(trajectory.time_s)
    keep = np.unique(np.linspace(0, count - 1, min(_MOST_POINTS, count)).round().astype(int))
    points = _smoothed(trajectory.foot)[keep]
    filled = trajectory.interpolated[keep]
    return Way(
        number=trajectory.number,
        colour=TRACK_COLOURS[trajectory.number % len(TRACK_COLOURS)],
        seen=_path(points, ~(filled[1:] | filled[:-1])),
        filled=_path(points, filled[1:] | filled[:-1]),
        start=_whole(points[0]),
        end=_whole(points[-1]),
        label=label,
        first_s=float(trajectory.time_s[0]),
        last_s=float(trajectory.time_s[-1]),
    )


def _smoothed(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Running mean that keeps both ends; only the drawing is smoothed, no figure."""
    reach = min(_SMOOTHED_OVER, len(points)) // 2
    padded = np.pad(points.astype(np.float64), ((reach, reach), (0, 0)), mode="edge")
    window = 2 * reach + 1
    summed = np.cumsum(np.vstack([np.zeros(2), padded]), axis=0)
    mean: NDArray[np.float64] = (summed[window:] - summed[:-window]) / window
    return mean


def _path(points: NDArray[np.float64], chosen: NDArray[np.bool_]) -> str:
    """SVG path of the steps between consecutive points that are ``chosen``, in whole pixels."""
    parts: list[str] = []
    pen: tuple[int, int] | None = None
    for step in np.flatnonzero(chosen):
        start, end = _whole(points[step]), _whole(points[step + 1])
        if pen != start:
            parts.append(f"M{start[0]} {start[1]}")
        if end != start or pen != start:
            parts.append(f"L{end[0]} {end[1]}")
        pen = end
    return "".join(parts)


def _whole(point: NDArray[np.floating]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


@dataclass(frozen=True, slots=True)
class Mark:
    """Where one error is: the foot point of its box, and when."""

    x: int
    y: int
    time_s: float


def marks(errors: LocatedErrors, fps: float) -> list[Mark]:
    """The errors as marks, at most ``MOST_MARKS``, evenly thinned out."""
    keep = np.unique(np.linspace(0, len(errors) - 1, min(MOST_MARKS, len(errors))).round().astype(int))
    return [
        Mark(
            round(float(errors.xyxy[at, 0] + errors.xyxy[at, 2]) / 2),
            round(float(errors.xyxy[at, 3])),
            float(errors.frame[at] - 1) / fps,
        )
        for at in keep
    ]


def heat_map(trajectories: Sequence[Trajectory], frame_size: tuple[int, int]) -> str | None:
    """Where people spent their time: a PNG data URI to lay over the scene, or None without any time spent."""
    import cv2

    width, height = frame_size
    cell = max(width, height) / _HEAT_LONGEST_SIDE
    grid = np.zeros((max(1, round(height / cell)), max(1, round(width / cell))))
    for trajectory in trajectories:
        foot = trajectory.foot / cell
        columns = foot[:, 0].astype(int).clip(0, grid.shape[1] - 1)
        rows = foot[:, 1].astype(int).clip(0, grid.shape[0] - 1)
        stay = np.diff(trajectory.time_s, append=trajectory.time_s[-1:]).clip(0, _HEAT_LONGEST_STEP_S)
        np.add.at(grid, (rows, columns), stay)
    if not grid.any():
        return None
    blurred = cv2.GaussianBlur(grid, (0, 0), _HEAT_LONGEST_SIDE / 60)
    share = (blurred / np.percentile(blurred[blurred > 0], 99.5)).clip(0, 1)
    return _data_uri("image/png", _encoded(".png", _heat_colours(np.sqrt(share))))


def _heat_colours(share: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(h, w, 4) BGRA: from clear through violet and orange to light yellow."""
    stops = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    blue, green, red = [140, 150, 80, 60, 170], [30, 40, 70, 170, 250], [60, 150, 240, 255, 255]
    alpha = [0, 130, 190, 215, 230]
    channels = [np.interp(share, stops, values) for values in (blue, green, red, alpha)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def picture_data_uri(image: NDArray[np.uint8]) -> str:
    """A (H, W, 3) BGR picture as JPEG data URI."""
    import cv2

    return _data_uri("image/jpeg", _encoded(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]))


def _encoded(suffix: str, image: NDArray[np.uint8], options: Sequence[int] = ()) -> bytes:
    import cv2

    _, data = cv2.imencode(suffix, image, list(options))
    return bytes(data.tobytes())


def _data_uri(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
