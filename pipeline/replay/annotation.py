"""The annotated video: boxes, numbers and trails, drawn from the database in a second reading of the recording."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from itertools import groupby, islice
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.capture.decoding import DecodingThread
from pipeline.drawing import colour_of, draw_box
from pipeline.output_files import whole_file
from pipeline.replay.video import VideoWriter
from storage.records import ObservationOrigin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.capture.source import FootageSource
    from pipeline.replay.interruption import StopRequest
    from pipeline.replay.progress import Progress
    from storage.records import Observation


def write_annotated_video(
    path: Path,
    footage: FootageSource,
    observations: Iterable[Observation],
    *,
    frames: int,
    trail_s: float,
    timeout_s: float,
    comment: str,
    stop: StopRequest,
    progress: Progress,
) -> int:
    """Write the recording again with what was found in it; returns the number of frames in the file.

    The file is complete or not there. An operator who stops has a file of the frames up to there.

    Args:
        path: file to write.
        footage: the recording, read once more.
        observations: of that recording, frame by frame.
        frames: how many of it, from the first; at least one.
        trail_s: how long the way of a person stays visible; 0 draws none.
        timeout_s: a decoder that gives no frame for so long is taken for dead.
        comment: put into the file's metadata; nothing if empty.
        stop: asked after every frame.
        progress: told of every frame.

    Raises:
        OutputError: the file cannot be written.
        DiskFull: no space left.
        InputError: the recording cannot be read again.
    """
    by_frame = _FrameByFrame(observations)
    trails = Trails(trail_s)
    written = 0
    with whole_file(path) as part, ExitStack() as opened:
        video: VideoWriter | None = None
        decoding = opened.enter_context(DecodingThread(footage, timeout_s=timeout_s))
        for frame in islice(decoding, frames):
            image = frame.image
            if video is None:
                size = (image.shape[1], image.shape[0])
                video = opened.enter_context(VideoWriter(part, size, footage.nominal_rate_hz, comment))
            trails.draw(image, frame.time_s, by_frame.of(frame.index))
            video.write(image, frame.time_s)
            written += 1
            progress.advance()
            if stop.requested:
                break
    return written


class Trails:
    """Draws each person's box, number and recent way. Remembers nobody longer than their way stays visible."""

    def __init__(self, trail_s: float) -> None:
        self._trail_s = trail_s
        self._ways: dict[int, deque[tuple[float, int, int]]] = {}

    def draw(self, image: NDArray[np.uint8], time_s: float, observations: Iterable[Observation]) -> None:
        """Draw one frame's observations, and the ways that lead to them, into ``image`` (H, W, 3) BGR."""
        present = list(observations)
        for seen in present:
            left, _, right, bottom = seen.xyxy
            way = self._ways.setdefault(seen.number, deque())
            way.append((time_s, round((left + right) / 2), round(bottom)))
        self._forget(time_s)
        for number, way in self._ways.items():
            points = np.array([point for _, *point in way], np.int32)  # (N, 2)
            cv2.polylines(image, [points], isClosed=False, color=colour_of(number), thickness=2)
        for seen in present:
            filled = seen.origin is ObservationOrigin.INTERPOLATED
            draw_box(
                image,
                np.array(seen.xyxy, np.float32),
                f"{seen.number}" + ("?" if filled else ""),
                colour_of(seen.number),
            )

    def _forget(self, time_s: float) -> None:
        for number in list(self._ways):
            way = self._ways[number]
            while way and way[0][0] < time_s - self._trail_s:
                way.popleft()
            if not way:
                del self._ways[number]


class _FrameByFrame:
    """A stream of observations, asked for frame after frame; frames without any are simply not in it."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        self._groups: Iterator[tuple[int, Iterator[Observation]]] = groupby(
            observations, key=lambda observation: observation.frame_index
        )
        self._next: tuple[int, list[Observation]] | None = None
        self._advance()

    def of(self, frame_index: int) -> list[Observation]:
        """The observations of a frame; frames must be asked for in rising order."""
        while self._next is not None and self._next[0] < frame_index:
            self._advance()
        if self._next is None or self._next[0] > frame_index:
            return []
        return self._next[1]

    def _advance(self) -> None:
        group = next(self._groups, None)
        self._next = None if group is None else (group[0], list(group[1]))
