"""CPU time of a frame beyond decoding and inference: capture, ring, batching, tracking, database, supervision.

All CPU seconds of daemon, readers and worker in steady state, by frame that was processed, less what decoding and detection take
alone: the same recording decoded by PyAV in a plain loop, the same pictures given to the same detector in a plain loop. The detector
costs next to nothing (benchmarks/live/free_detector.py), so that little can go wrong in taking it off. Converting to BGR is not taken for decoding, nor
tracking for detection: the note says what they take alone.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import av
from av.video.reformatter import VideoReformatter

from benchmarks.live.figures import Figure
from benchmarks.live.films import pictures, sample, write_film
from benchmarks.live.free_detector import PEOPLE, free_detector
from benchmarks.live.sites import running_site, use
from config.sections.detector import DetectorSettings
from config.sections.tracker import TrackerSettings
from models.registry import build_detector
from pipeline.confirmation import RecordingRule
from pipeline.frames import Frame
from pipeline.stages import CameraStages, follow_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from benchmarks.live.sites import Use
    from models.detections import Detections

_MUST_MS, _AIM_MS = 2.0, 0.7
_CAMERAS = 4
_RATE_HZ = 10
_SETTLE_S = 5.0
_START = datetime(2026, 1, 1, tzinfo=UTC)
_ALONE_FRAMES = 400
_PACED_FRAMES = 100


def measure(*, quick: bool) -> list[Figure]:
    """Median of rounds, each with its own measurement of what is taken off."""
    rounds, seconds = (1, 10.0) if quick else (5, 30.0)
    with TemporaryDirectory() as folder:
        film = write_film(Path(folder) / "vtest.mp4", pictures(sample()), _RATE_HZ)
        detector = free_detector(Path(folder))
        results = [(_alone(film, detector), _daemon(film, detector, seconds)) for _ in range(rounds)]
    batch = statistics.median(use.processed / max(use.detect.count, 1) for _, use in results)
    beyond = statistics.median(beyond_ms(use, alone["decode"] + alone["detect"]) for alone, use in results)
    alone = {name: statistics.median(each[name] for each, _ in results) for name in results[0][0]}
    roles = {
        role: statistics.median(1000 * use.cpu_s[role] / use.processed for _, use in results)
        for role in ("reader", "daemon", "worker")
    }
    note = (
        f"{_CAMERAS} cameras of {_RATE_HZ} frames/s with {PEOPLE} people, {rounds} x {seconds:.0f} s. A frame in all: "
        + ", ".join(f"{role} {ms:.2f}" for role, ms in roles.items())
        + f" ms. Alone: decoding {alone['decode']:.2f}, detector {alone['detect']:.2f} ms. Of the rest: decoding "
        f"takes {alone['decode paced'] - alone['decode']:.2f} ms more where a loop sleeps between frames; conversion to BGR "
        f"takes {alone['convert']:.2f} ms alone, following {PEOPLE} people {alone['follow']:.2f} ms; {batch:.1f} frames "
        "a batch"
    )
    return [
        Figure(
            "CPU beyond decoding and inference, a 768x576 frame", beyond, "ms", _MUST_MS, _AIM_MS, note=note
        )
    ]


def beyond_ms(used: Use, alone_ms: float) -> float:
    """CPU milliseconds a frame beyond those that its decoding and detection take alone."""
    return 1000 * sum(used.cpu_s.values()) / used.processed - alone_ms


def _daemon(film: Path, detector: dict[str, Any], seconds: float) -> Use:
    cameras: list[dict[str, Any]] = [{"id": f"cam{n}", "source": str(film)} for n in range(_CAMERAS)]
    with running_site(cameras, detector=detector) as daemon:
        time.sleep(_SETTLE_S)
        return use(daemon, seconds)


def _alone(film: Path, settings: dict[str, Any]) -> dict[str, float]:
    """CPU milliseconds a frame of this process: decoding, converting, detecting."""
    began_s = time.process_time()
    count = sum(1 for _ in _decoded(film))
    decode_ms = 1000 * (time.process_time() - began_s) / count
    began_s = time.process_time()
    for _ in islice(_decoded(film), _PACED_FRAMES):
        time.sleep(1 / _RATE_HZ)
    paced_ms = 1000 * (time.process_time() - began_s) / _PACED_FRAMES
    frames = list(islice(_decoded(film), _ALONE_FRAMES // 4))
    convert = VideoReformatter()
    began_s = time.process_time()
    for _ in range(4):
        for frame in frames:
            convert.reformat(frame, format="bgr24", threads=1)
    convert_ms = 1000 * (time.process_time() - began_s) / (4 * len(frames))
    images = list(islice(pictures(film), len(frames)))
    detector = build_detector(DetectorSettings.model_validate(settings))
    detector.detect(images[:1])
    began_s = time.process_time()
    for image in images:
        detector.detect([image])
    detect_ms = 1000 * (time.process_time() - began_s) / len(images)
    return {
        "decode": decode_ms,
        "decode paced": paced_ms,
        "convert": convert_ms,
        "detect": detect_ms,
        "follow": _follow_ms(images, detector.detect(images[:1])[0]),
    }


def _follow_ms(images: list[NDArray[np.uint8]], found: Detections) -> float:
    """CPU milliseconds of appearance and tracking, a frame, where so many people stand still."""
    stages = CameraStages(
        follow_stage(TrackerSettings(), frame_rate_hz=_RATE_HZ), RecordingRule(second_look=False)
    )
    began_s = time.process_time()
    for index, image in enumerate(images):
        time_s = index / _RATE_HZ
        frame = Frame("alone", index, _START + timedelta(seconds=time_s), time_s, image)
        stages.record(frame, stages.follow(frame, found))
    return 1000 * (time.process_time() - began_s) / len(images)


def _decoded(film: Path) -> Iterator[VideoFrame]:
    """As the reader decodes: one thread, without delay."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stream.codec_context.flags |= av.codec.context.Flags.low_delay
        yield from container.decode(stream)
