"""Recorded video files: decoded by their time stamps, upright, in BGR, whatever is wrong with them."""

from __future__ import annotations

from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import av.error
from av.stream import Disposition

from config.errors import ConfigError, NoFrames, NotAVideo, NoVideoStream
from pipeline.capture.health import RecordingHealth
from pipeline.capture.integrity import is_cut_short
from pipeline.capture.reading import StreamReading
from pipeline.capture.snapshot import Snapshot
from pipeline.clock import EPOCH, media_time, parse_recorded_at
from pipeline.frames import Frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from av.container import InputContainer
    from av.video.stream import VideoStream

_CONTAINER_OPTIONS = {
    # Nothing but the bytes of the file itself: a playlist may not open other files or addresses.
    "protocol_whitelist": "none",
}
_FALLBACK_RATE_HZ = Fraction(25)
"""For streams that state no rate: what FFmpeg assumes of raw streams, too."""
_PLAUSIBLE_RATE_HZ = (Fraction(1, 3600), Fraction(1000))
"""Stated rates outside this range are not believed."""


class VideoRecording:
    """The first video stream of a file: a :class:`pipeline.capture.source.FootageSource`.

    Args:
        path: a regular file; what is appended after this call is not read.
        camera_id: what the frames are named after.
        recorded_at: UTC time of the first frame; the file's own ``creation_time`` when None, else 1970-01-01.

    Raises:
        InputNotFound: there is no such file.
        NotARegularFile: a pipe, socket or device.
        InputEmpty: zero bytes.
        NotAVideo: no container that FFmpeg knows, or one without its index.
        NoVideoStream: only sound.
        NoFrames: a container without any stream.
    """

    def __init__(self, path: Path, camera_id: str, recorded_at: datetime | None = None) -> None:
        self.path = path
        self.camera_id = camera_id
        self._reading: StreamReading | None = None
        self._snapshot = Snapshot(path)
        try:
            self._cut_short = is_cut_short(self._snapshot, self._snapshot.size_bytes)
            with self._opened() as (container, stream):
                self.nominal_rate_hz = _nominal_rate_hz(stream)
                self.frames_expected = _frames_expected(container, stream, self.nominal_rate_hz)
                self.recorded_at = recorded_at or _creation_time(container, stream) or EPOCH
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._snapshot.close()

    @property
    def health(self) -> RecordingHealth:
        """What the latest reading met, so far."""
        reading = self._reading
        growing = self._snapshot.has_grown()
        if reading is None:
            return RecordingHealth(cut_short=self._cut_short, growing=growing)
        return RecordingHealth(
            damaged_packets=reading.damaged_packets,
            corrupt_frames=reading.corrupt_frames,
            size_changes=reading.size_changes,
            timestamps=reading.clock.counts,
            cut_short=self._cut_short or reading.gave_up,
            growing=growing,
            missing=reading.missing(),
        )

    def frames(self) -> Iterator[Frame]:
        """All frames from the first, in the order in which they were shown.

        Raises:
            NoFrames: not one could be decoded.
        """
        index = -1
        with self._opened() as (container, stream):
            self._reading = StreamReading(container, stream, 1 / self.nominal_rate_hz)
            for index, (time_s, image) in enumerate(self._reading.pictures()):
                captured_at = media_time(self.recorded_at, time_s)
                yield Frame(self.camera_id, index, captured_at, float(time_s), image)
        if index < 0:
            raise NoFrames(
                f"{self.path}: not one frame could be decoded ({self.health.damaged_packets} damaged packets); "
                "try the file in a video player"
            )

    @contextmanager
    def _opened(self) -> Iterator[tuple[InputContainer, VideoStream]]:
        self._snapshot.seek(0)
        try:
            container = av.open(
                self._snapshot, "r", metadata_errors="replace", container_options=_CONTAINER_OPTIONS
            )
        except (av.error.FFmpegError, OSError) as error:
            if isinstance(error, EOFError) and not self._cut_short:
                raise NoFrames(
                    f"{self.path} ends before its first frame; copy the recording again"
                ) from error
            raise self._not_a_video() from error
        try:  # closing the container leaves the snapshot open for the next reading
            yield container, self._video_stream(container)
        finally:
            container.close()

    def _not_a_video(self) -> NotAVideo:
        return NotAVideo(
            f"{self.path} is no video that FFmpeg can open: unknown format, or an index that was never written "
            "because the recording was cut off; replay a finished recording"
        )

    def _video_stream(self, container: InputContainer) -> VideoStream:
        if not container.streams:
            if self._cut_short:
                raise self._not_a_video()
            raise NoFrames(f"{self.path} is a container without any stream; check how it was recorded")
        pictures = Disposition.attached_pic | Disposition.timed_thumbnails
        for stream in container.streams.video:
            if not stream.disposition & pictures and stream.codec_context is not None:
                return stream
        kinds = ", ".join(sorted({stream.type for stream in container.streams}))
        raise NoVideoStream(f"{self.path} holds no video that can be decoded, only: {kinds}")


def _nominal_rate_hz(stream: VideoStream) -> Fraction:
    lowest, highest = _PLAUSIBLE_RATE_HZ
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate is not None and lowest <= rate <= highest:
            return Fraction(rate)
    return _FALLBACK_RATE_HZ


def _frames_expected(container: InputContainer, stream: VideoStream, rate_hz: Fraction) -> int | None:
    if stream.frames > 0:
        return stream.frames
    if container.duration is not None and container.duration > 0:
        return round(Fraction(container.duration, av.time_base) * rate_hz)
    return None


def _creation_time(container: InputContainer, stream: VideoStream) -> datetime | None:
    for metadata in (container.metadata, stream.metadata):
        text = metadata.get("creation_time", "")
        try:
            return parse_recorded_at(text)
        except ConfigError:  # absent, or nothing that can be read as a time
            continue
    return None
