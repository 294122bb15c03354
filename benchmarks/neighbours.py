"""How much the scores of the tracker hang on its settings: each of them a step to either side of its default.

Scores that fall off a peak were fitted to these files. The sample is detected once, by the default detector, and then
tracked like the others: from a MOTChallenge folder of detections and video.

    python -m benchmarks.neighbours
"""

from __future__ import annotations

import os
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.machine import describe
from config.sections.detector import DetectorSettings
from config.sections.replay import ReplaySettings
from config.sections.tracker import TrackerSettings
from models.registry import build_detector
from pipeline.capture.opening import open_footage
from pipeline.evaluation.tracking import evaluate_tracking
from pipeline.motchallenge import MotTable, write_results
from pipeline.sequence_tracking import track_sequence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STEPS: tuple[Mapping[str, float | str], ...] = (
    {},
    {"high_score": 0.35},
    {"high_score": 0.5},
    {"low_score": 0.1},
    {"low_score": 0.3},
    {"start_score": 0.5},
    {"start_score": 0.7},
    {"match_iou": 0.2},
    {"match_iou": 0.3},
    {"match_iou_low": 0.3},
    {"match_iou_low": 0.5},
    {"confirm_hits": 2},
    {"confirm_hits": 4},
    {"lost_s": 1.5},
    {"lost_s": 2.5},
    {"momentum_weight": 0.15},
    {"momentum_weight": 0.45},
    {"acceleration_noise": 0.2},
    {"acceleration_noise": 0.4},
    {"size_noise": 0.05},
    {"size_noise": 0.2},
    {"measurement_noise": 0.07},
    {"measurement_noise": 0.13},
    {"same_appearance": 0.7},
    {"same_appearance": 0.8},
    {"box_smoothing": 0.25},
    {"box_smoothing": 0.75},
)
"""The defaults, then one change each."""


def main() -> None:
    """Print HOTA and IDF1 of every step, and the least and greatest."""
    mot = Path(os.environ["SITEWATCH_DATA"]).resolve() / "mot"
    print(describe())
    with tempfile.TemporaryDirectory() as folder:
        sample = _detected_sample(mot, Path(folder) / "sample")
        sets: dict[str, tuple[Path, Sequence[Path], bool]] = {
            "MOT15": (mot / "MOT15", sorted((mot / "MOT15").glob("*")), False),
            "MOT17": (mot / "MOT17", sorted((mot / "MOT17").glob("*")), False),
            "vtest online": (mot / "MOT15/PETS09-S2L1", [sample], False),
            "vtest second look": (mot / "MOT15/PETS09-S2L1", [sample], True),
        }
        print(f"{'HOTA / IDF1':<26}" + "".join(f"{name:>20}" for name in sets))
        scores = np.array([_row(step, sets, Path(folder) / "results") for step in STEPS])  # (steps, sets, 2)
    for word, extreme in (("least", scores.min(axis=0)), ("greatest", scores.max(axis=0))):
        print(_line(word, extreme.tolist()))


def _detected_sample(mot: Path, folder: Path) -> Path:
    """A sequence folder with the boxes that the default detector finds in the sample, and the sample itself."""
    recording = mot.parent / "footage/vtest.avi"
    sequence = folder / "PETS09-S2L1"
    (sequence / "det").mkdir(parents=True)
    (sequence / "vtest.avi").symlink_to(recording)
    detector = build_detector(DetectorSettings())
    tables = []
    with closing(open_footage(recording, "vtest", image_rate_hz=1)) as footage:
        for frame in footage.frames():
            (found,) = detector.detect([frame.image])
            nobody = np.full(len(found), -1)
            tables.append(
                MotTable.of_results(
                    np.full(len(found), frame.index + 1), nobody, found.xyxy, found.confidence
                )
            )
        info = f"[Sequence]\nframeRate={float(footage.nominal_rate_hz)}\nseqLength={len(tables)}\n"
    write_results(sequence / "det/det.txt", tables)
    (sequence / "seqinfo.ini").write_text(info + "imWidth=768\nimHeight=576\n", encoding="ascii")
    return sequence


def _row(
    step: Mapping[str, float | str], sets: Mapping[str, tuple[Path, Sequence[Path], bool]], results: Path
) -> list[tuple[float, float]]:
    row = []
    for truth, sequences, second_look in sets.values():
        settings = TrackerSettings.model_validate(step)
        results.mkdir(exist_ok=True)
        for sequence in sequences:
            tracked = track_sequence(
                sequence, settings, second_look=ReplaySettings() if second_look else None
            )
            write_results(results / f"{tracked.name}.txt", tracked.rows)
        (evaluated,) = evaluate_tracking(results, truth, draws=1).values()
        row.append((evaluated.combined.hota, evaluated.combined.idf1))
    print(_line(" ".join(f"{name} {value}" for name, value in step.items()) or "defaults", row), flush=True)
    return row


def _line(name: str, row: Sequence[tuple[float, float]]) -> str:
    return f"{name:<26}" + "".join(f"{f'{hota:.2f} / {idf1:.2f}':>20}" for hota, idf1 in row)


if __name__ == "__main__":
    main()
