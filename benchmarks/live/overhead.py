"""CPU time of a frame beyond decoding and inference: capture, ring, batching, tracking, database, supervision.

All CPU seconds of daemon, readers and worker in steady state, by frame that was processed, less what decoding and detection take
alone: the same recording decoded by PyAV in a process that does nothing else and sleeps until the next frame is due, and the same
pictures given to the same detector in a tight loop. A decoder that slept finds its caches cold, whoever called it; the note tells
what is left if decoding in a tight loop is taken off instead. The detector costs next to nothing (benchmarks/live/free_detector.py),
so that little can go wrong in taking it off. Converting to BGR is not taken for decoding, nor tracking for detection.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import av
from av.video.reformatter import VideoReformatter

from benchmarks.live.figures import Figure
from benchmarks.live.films import pictures, sample
from benchmarks.live.free_detector import PEOPLE, free_detector
from benchmarks.live.sites import running_site, use
from config.sections.detector import DetectorSettings
from config.sections.tracker import TrackerSettings
from models.registry import build_detector
from pipeline.confirmation import RecordingRule
from pipeline.frames import Frame
from pipeline.stages import CameraStages, follow_stage
from tests.streams import write_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from benchmarks.live.sites import Use
    from models.detections import Detections

Item = TypeVar("Item")

_MUST_MS, _AIM_MS = 2.0, 0.7
_CAMERAS = 4
_RATE_HZ = 10
_SETTLE_S = 5.0
_START = datetime(2026, 1, 1, tzinfo=UTC)
_KEPT_FRAMES, _PACED_FRAMES, _TIGHT_FRAMES = 100, 100, 400


def measure(*, quick: bool) -> list[Figure]:
    """Median of rounds, each with its own measurement of what is taken off."""
    rounds, seconds = (1, 10.0) if quick else (5, 30.0)
    with TemporaryDirectory() as folder:
        film = write_stream(Path(folder) / "vtest.mp4", pictures(sample()), _RATE_HZ)
        detector = free_detector(Path(folder))
        results = [
            (_alone_in_a_process(film, detector), _daemon(film, detector, seconds)) for _ in range(rounds)
        ]
    batch = statistics.median(use.processed / max(use.detect.count, 1) for _, use in results)
    beyond = statistics.median(
        beyond_ms(use, alone["decode, paced"] + alone["detect"]) for alone, use in results
    )
    beyond_tight = statistics.median(
        beyond_ms(use, alone["decode, tight"] + alone["detect"]) for alone, use in results
    )
    alone = {name: statistics.median(each[name] for each, _ in results) for name in results[0][0]}
    roles = {
        role: statistics.median(1000 * use.cpu_s[role] / use.processed for _, use in results)
        for role in ("reader", "daemon", "worker")
    }
    note = (
        f"{_CAMERAS} cameras of {_RATE_HZ} frames/s with {PEOPLE} people, {rounds} x {seconds:.0f} s. A frame in all: "
        + ", ".join(f"{role} {ms:.2f}" for role, ms in roles.items())
        + " ms. Alone: "
        + ", ".join(f"{what} {ms:.2f}" for what, ms in alone.items())
        + f" ms. Beyond decoding in a tight loop: {beyond_tight:.2f} ms. {batch:.1f} frames a batch"
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


def _alone_in_a_process(film: Path, settings: dict[str, Any]) -> dict[str, float]:
    """As :func:`alone_ms`, in a new process, as those of the daemon are."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        return executor.submit(alone_ms, film, settings).result()


def alone_ms(film: Path, settings: dict[str, Any]) -> dict[str, float]:
    """CPU milliseconds a frame of this process: decoding, converting, detecting, following."""
    decoded = list(islice(_decoded(film), _KEPT_FRAMES))
    images = list(islice(pictures(film), _KEPT_FRAMES))
    detector = build_detector(DetectorSettings.model_validate(settings))
    found = detector.detect(images[:1])[0]
    convert = VideoReformatter()
    return {
        "decode, paced": _each_ms(islice(_decoded(film), _PACED_FRAMES), lambda _: None, _RATE_HZ),
        "decode, tight": _each_ms(islice(_decoded(film), _TIGHT_FRAMES), lambda _: None),
        "detect": _each_ms(images, lambda image: detector.detect([image])),
        "convert to BGR": _each_ms(decoded, lambda frame: convert.reformat(frame, format="bgr24", threads=1)),
        f"follow {PEOPLE} people": _follow_ms(images, found),
    }


def _each_ms(items: Iterable[Item], work: Callable[[Item], object], rate_hz: float | None = None) -> float:
    """CPU milliseconds of getting an item and working on it; with ``rate_hz`` after a sleep before each."""
    count, began_s = 0, time.process_time()
    for item in items:
        work(item)
        count += 1
        if rate_hz is not None:
            time.sleep(1 / rate_hz)
    return 1000 * (time.process_time() - began_s) / count


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
