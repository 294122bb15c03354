"""A whole replay against the bare detector loop over the same frames in memory; and the memory that a replay takes.

Both sides run in one process, round by round in turn. The replay opens the recording, builds the detector, decodes,
detects, tracks, writes the database, takes the second look and writes tables and report (no video); the bare
loop hands frames that are already decoded to a detector that is already built. The must is 1.15 times its time.

Memory is that of ``sitewatch replay`` in a process of its own: of the sample recording, and of drawn recordings one of
which is four times as long as the other, where it must not differ.

    python -m benchmarks.replay [--rounds N] [--frames N]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from benchmarks.machine import describe
from config.schema import Settings
from models.registry import build_detector
from pipeline.capture.opening import open_footage
from pipeline.replay.interruption import StopRequest
from pipeline.replay.progress import SilentProgress
from pipeline.replay.request import ReplayRequest
from pipeline.replay.run import replay

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MUST = 1.15
_MUST_MB = 1500
_SIZE = (640, 480)
_SHORT_FRAMES = 3000


def compare_speed(recording: Path, rounds: int, frames: int | None) -> float:
    """Print medians and their ratio; returns the ratio."""
    settings = Settings()
    settings = settings.model_copy(
        update={"replay": settings.replay.model_copy(update={"annotated_video": False})}
    )
    detector = build_detector(settings.detector)
    with tempfile.TemporaryDirectory() as scratch:
        source = recording if frames is None else _first(recording, frames, Path(scratch) / "part.nut")
        with closing(open_footage(source, "bench", image_rate_hz=25)) as footage:
            images = [frame.image for frame in footage.frames()]
        detector.detect(images[: detector.batch_size])
        seconds: dict[str, list[float]] = {"bare detector": [], "whole replay": [], "first pass": []}
        for turn in range(rounds):
            start = time.perf_counter()
            for at in range(0, len(images), detector.batch_size):
                detector.detect(images[at : at + detector.batch_size])
            seconds["bare detector"].append(time.perf_counter() - start)
            request = ReplayRequest((source,), Path(scratch) / str(turn), settings)
            start = time.perf_counter()
            result = replay(request, stop=StopRequest(), progress=SilentProgress())
            if result.failure is not None:
                raise result.failure
            seconds["whole replay"].append(time.perf_counter() - start)
            seconds["first pass"].append(result.summary["run_metadata"]["first_pass_s"])
    bare = statistics.median(seconds["bare detector"])
    for name, measured in seconds.items():
        median = statistics.median(measured)
        rate = len(images) / median
        print(
            f"{name:14} {median:7.2f} s for {len(images)} frames {rate:7.1f} frames/s {median / bare:6.3f} x"
        )
    ratio = statistics.median(seconds["whole replay"]) / bare
    print(f"whole replay / bare detector = {ratio:.3f} (must be <= {_MUST})")
    return ratio


def measure_memory(recording: Path | None) -> None:
    """Print the most memory that replays of different length hold."""
    with tempfile.TemporaryDirectory() as scratch:
        for frames in (_SHORT_FRAMES, 4 * _SHORT_FRAMES):
            drawn = _draw(frames, Path(scratch) / f"{frames}.mp4")
            peak = _peak_mb(drawn, Path(scratch) / f"out-{frames}", "--set", "detector.name=stub")
            print(f"{frames:6} drawn frames, stub detector, video written: {peak:6.0f} MiB at most")
        if recording is not None:
            peak = _peak_mb(recording, Path(scratch) / "out")
            print(
                f"{recording.name}, default settings, video written: {peak:.0f} MiB (must be <= {_MUST_MB})"
            )


def _first(recording: Path, frames: int, part: Path) -> Path:
    """The first frames of a recording, packets copied."""
    with av.open(str(recording)) as source, av.open(str(part), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in islice(source.demux(stream), frames):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    return part


def _draw(frames: int, path: Path) -> Path:
    """Four bright figures that walk over a dark ground."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height = _SIZE
        stream.pix_fmt = "yuv420p"
        for index in range(frames):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(_picture(index), format="bgr24")))
        out.mux(stream.encode())
    return path


def _picture(index: int) -> NDArray[np.uint8]:
    image = np.full((_SIZE[1], _SIZE[0], 3), 20, np.uint8)
    for figure in range(4):
        left, top = (2 * index + 150 * figure) % (_SIZE[0] - 40), 10 + 115 * figure
        image[top : top + 100, left : left + 40] = 235
    return image


def _peak_mb(recording: Path, out: Path, *options: str) -> float:
    command = [sys.executable, "-m", "pipeline.cli.main", "replay", str(recording), "--out", str(out)]
    subprocess.run([*command, *options], check=True, capture_output=True)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return float(summary["run_metadata"]["peak_memory_mb"])


def main(rounds: int = 3, frames: int | None = None) -> None:
    """Measure on the sample recording of the evaluation data; memory alone where there is none."""
    print(describe())
    data = os.environ.get("SITEWATCH_DATA")
    recording = Path(data) / "footage" / "vtest.avi" if data else None
    if recording is not None:
        compare_speed(recording, rounds, frames)
    measure_memory(recording)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, help="only so many of the sample recording")
    arguments = parser.parse_args()
    main(arguments.rounds, arguments.frames)
