"""Speed of association alone on public detections, beside the peers' trackers; and its cost a box in a crowd.

Detections are read before, results written never. The peers run in an environment of their own (benchmarks/peers.txt),
each round next to ours, so that both see the same machine. ``SITEWATCH_DATA`` names the evaluation data.

    python -m benchmarks.association --peer-python .peers/bin/python
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from pathlib import Path

import click
import numpy as np

from benchmarks.machine import describe
from config.sections.tracker import TrackerSettings
from models.detections import Detections
from pipeline.motchallenge import SequenceDetections, read_sequence_info, read_table
from pipeline.tracking.tracker import Tracker

_ROUNDS = 3
_CROWDS = (10, 500)
_CROWD_FRAMES = 60
_MUST_SPEED, _MUST_CROWD = 1.2, 2.0
_PEERS = Path(__file__).with_name("peer_association.py")

Sequence = tuple[float, list[Detections]]


def main(peer_python: str) -> None:
    """Print frames a second, ratios to the fastest peer, and the cost a box."""
    sequences = _read(Path(os.environ["SITEWATCH_DATA"]).resolve() / "mot")
    frames = sum(len(detections) for _, detections in sequences)
    ours, peers = [], []
    for _ in range(_ROUNDS):
        ours.append(frames / sum(_seconds(*sequence) for sequence in sequences))
        peers.append(_peers(peer_python, sequences))
    print(describe())
    print(f"{frames} frames, median of {_ROUNDS} rounds side by side")
    print(f"  sitewatch   {statistics.median(ours):8,.0f} frames/s")
    for name in peers[0]:
        ratio = statistics.median(own / peer[name] for own, peer in zip(ours, peers, strict=True))
        speed = statistics.median(peer[name] for peer in peers)
        print(f"  {name:<12}{speed:8,.0f} frames/s   sitewatch / this: {ratio:.2f}")
    print(f"  (must be >= {_MUST_SPEED} x the fastest)")
    few, many = (_cost_us(crowd) for crowd in _CROWDS)
    print(f"cost a box: {few:.1f} us at {_CROWDS[0]} boxes a frame, {many:.1f} us at {_CROWDS[1]}: ", end="")
    print(f"{many / few:.2f} x (must be <= {_MUST_CROWD})")


def _read(root: Path) -> list[Sequence]:
    sequences = []
    for folder in sorted(root.glob("MOT1*/*")):
        info = read_sequence_info(folder / "seqinfo.ini")
        table = read_table(folder / "det/det.txt")
        sequences.append((info.frame_rate, [found for _, found in SequenceDetections(table, info.length)]))
    return sequences


def _seconds(rate_hz: float, detections: list[Detections]) -> float:
    tracker = Tracker(TrackerSettings(), frame_rate_hz=rate_hz)
    start = time.perf_counter()
    for index, found in enumerate(detections):
        tracker.update(found, time_s=index / rate_hz)
    return time.perf_counter() - start


def _peers(python: str, sequences: list[Sequence]) -> dict[str, float]:
    """Frames a second of each peer, measured in its own interpreter."""
    told = json.dumps(
        [
            [rate, [np.column_stack([f.xyxy, f.confidence]).tolist() for f in detections]]
            for rate, detections in sequences
        ]
    )
    done = subprocess.run([python, str(_PEERS)], input=told, capture_output=True, text=True, check=True)
    speeds: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return speeds


def _cost_us(people: int) -> float:
    """Microseconds a box where ``people`` walk about on a square whose size grows with their number."""
    random = np.random.default_rng(0)
    side = 250 * people**0.5
    corner = random.uniform(0, side, (people, 2))
    velocity = random.normal(0, 2, (people, 2))
    crowd = []
    for index in range(_CROWD_FRAMES):
        at = corner + velocity * index + random.normal(0, 1, (people, 2))
        xyxy = np.hstack([at, at + np.array([40, 100])]).astype(np.float32)
        crowd.append(Detections(xyxy, np.full(people, 0.9, np.float32), np.zeros(people, np.int64)))
    return statistics.median(_seconds(10.0, crowd) for _ in range(_ROUNDS)) / (people * _CROWD_FRAMES) * 1e6


@click.command()
@click.option("--peer-python", required=True, help="Python of an environment with benchmarks/peers.txt.")
def command(peer_python: str) -> None:
    """Measure the speed of association beside the peers."""
    main(peer_python)


if __name__ == "__main__":
    command()
