"""One pass over a video stream, from packets to pictures, that survives damage and counts it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av.error
from av.video.reformatter import VideoReformatter

from pipeline.capture.continuity import FrameSteps, indexed_frames, stated_end_s
from pipeline.capture.orientation import orientation_of
from pipeline.clock import MediaClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    from pipeline.capture.continuity import MissingFrames

_READ_FAILURES_IN_A_ROW = 16
"""After so many read errors without a packet between them the rest of the file is given up."""
_MPEG_TIME_BASE_S = Fraction(1, 90_000)
"""For streams that state no time base (ISO/IEC 13818-1, 2.4.2)."""


class StreamReading:
    """Decodes a stream from its first packet to its last.

    One decoder thread: frame-threaded decoders conceal damage differently from run to run, and a second
    thread would take its time from the detector, which is many times slower than decoding.

    Args:
        container: just opened.
        stream: the one to read.
        period_s: nominal seconds from frame to frame, for frames without a time stamp.

    Attributes:
        clock: gives the frames their times, and counts the time stamps it repaired.
        damaged_packets: packets that could not be read or decoded, or that the container says are damaged.
        corrupt_frames: frames that the decoder gave, but marked as damaged.
        size_changes: frames whose size differs from that of the frame before.
        gave_up: reading failed so often in a row that the rest was left.
    """

    def __init__(self, container: InputContainer, stream: VideoStream, period_s: Fraction) -> None:
        stream.codec_context.thread_count = 1
        self._container = container
        self._stream = stream
        self._reformatter = VideoReformatter()
        time_base_s = stream.time_base or _MPEG_TIME_BASE_S
        self.clock = MediaClock(time_base_s, period_s)
        self._steps = FrameSteps(time_base_s)
        self._stated_end_s = stated_end_s(container, stream)
        self._indexed_frames = indexed_frames(container, stream)
        self._frames = 0
        self._hidden_packets = 0
        self._at_end = False
        self.damaged_packets = 0
        self.corrupt_frames = 0
        self.size_changes = 0
        self.gave_up = False

    def pictures(self) -> Iterator[tuple[Fraction, NDArray[np.uint8]]]:
        """Seconds since the first frame and the upright (H, W, 3) uint8 BGR image, frame by frame."""
        shape: tuple[int, ...] | None = None
        for packet in self._packets():
            for frame in self._decoded(packet):
                image = self._upright_bgr(frame)
                self.corrupt_frames += frame.is_corrupt
                self.size_changes += shape is not None and shape != image.shape
                shape = image.shape
                time_s = self.clock.stamp(frame.pts)
                self._steps.add(frame.pts, time_s)
                self._frames += 1
                yield time_s, image
        self._at_end = not self.gave_up

    def missing(self) -> MissingFrames:
        """Frames that are not there; what is missing at the end is known once the end was reached."""
        missing = self._steps.gaps()
        if not self._at_end:
            return missing
        if self._stated_end_s is not None:
            missing = replace(missing, at_end=self._steps.missing_until(self._stated_end_s))
        if self._indexed_frames is not None:
            found = self._frames + self.damaged_packets + self._hidden_packets
            missing = replace(missing, unaccounted=max(0, self._indexed_frames - found))
        return missing

    def _packets(self) -> Iterator[Packet[VideoStream]]:
        failures = 0
        while failures < _READ_FAILURES_IN_A_ROW:
            try:
                for packet in self._container.demux(self._stream):
                    failures = 0
                    self._hidden_packets += packet.is_discard  # an edit list cuts them off
                    yield packet
            except (av.error.FFmpegError, OSError):
                failures += 1
                self.damaged_packets += 1
            else:
                return
        self.gave_up = True

    def _decoded(self, packet: Packet[VideoStream]) -> list[VideoFrame]:
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            self.damaged_packets += 1
            return []
        self.damaged_packets += packet.is_corrupt
        return frames

    def _upright_bgr(self, frame: VideoFrame) -> NDArray[np.uint8]:
        # One scaling context for the whole stream: a fresh one a frame costs more than the conversion.
        converted = self._reformatter.reformat(frame, format="bgr24", threads=1)
        image = cast("NDArray[np.uint8]", converted.to_ndarray())
        return orientation_of(frame).apply(image)
