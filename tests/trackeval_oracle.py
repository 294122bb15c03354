"""TrackEval's own run over files in its own tree of folders: the official MOTChallenge scores."""

from __future__ import annotations

import io
import shutil
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import trackeval

from pipeline.motchallenge import write_results

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipeline.motchallenge import MotTable

COMBINED = "COMBINED_SEQ"
_FIELDS = {
    "hota": ("HOTA", "HOTA"),
    "deta": ("HOTA", "DetA"),
    "assa": ("HOTA", "AssA"),
    "loca": ("HOTA", "LocA"),
    "mota": ("CLEAR", "MOTA"),
    "motp": ("CLEAR", "MOTP"),
    "idf1": ("Identity", "IDF1"),
    "recall": ("CLEAR", "CLR_Re"),
    "precision": ("CLEAR", "CLR_Pr"),
}
_COUNTS = {
    "identity_switches": "IDSW",
    "false_positives": "CLR_FP",
    "misses": "CLR_FN",
    "fragmentations": "Frag",
    "mostly_tracked": "MT",
    "mostly_lost": "ML",
}


def official_scores(
    folder: Path, sequences: Sequence[Path], results: Mapping[str, MotTable], benchmark: str
) -> Mapping[str, Mapping[str, float]]:
    """Sequence → score → value, with the words of ``TrackingScores``, for copies of ``sequences`` in ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    names = [sequence.name for sequence in sequences]
    data = folder / "trackers" / "ours" / "data"
    data.mkdir(parents=True)
    for sequence in sequences:
        shutil.copytree(sequence, folder / "gt" / sequence.name)
        write_results(data / f"{sequence.name}.txt", results[sequence.name])
    (folder / "names.txt").write_text("name\n" + "\n".join(names) + "\n", encoding="utf-8")
    with redirect_stdout(io.StringIO()):
        dataset = trackeval.datasets.MotChallenge2DBox(
            {
                "GT_FOLDER": str(folder / "gt"),
                "TRACKERS_FOLDER": str(folder / "trackers"),
                "OUTPUT_FOLDER": str(folder / "out"),
                "BENCHMARK": benchmark,
                "SEQMAP_FILE": str(folder / "names.txt"),
                "SKIP_SPLIT_FOL": True,
                "PRINT_CONFIG": False,
            }
        )
        evaluator = trackeval.Evaluator(
            {
                "USE_PARALLEL": False,
                "BREAK_ON_ERROR": True,
                "PRINT_RESULTS": False,
                "PRINT_CONFIG": False,
                "TIME_PROGRESS": False,
                "OUTPUT_SUMMARY": False,
                "OUTPUT_DETAILED": False,
                "PLOT_CURVES": False,
            }
        )
        metrics = [
            trackeval.metrics.HOTA(),
            trackeval.metrics.CLEAR({"PRINT_CONFIG": False}),
            trackeval.metrics.Identity({"PRINT_CONFIG": False}),
        ]
        found, _ = evaluator.evaluate([dataset], metrics)
    return {name: _ours(values["pedestrian"]) for name, values in found["MotChallenge2DBox"]["ours"].items()}


def _ours(values: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    ratios = {
        name: 100
        * float(sum(value) / len(value) if hasattr(value := values[metric][field], "__len__") else value)
        for name, (metric, field) in _FIELDS.items()
    }
    return ratios | {name: float(values["CLEAR"][field]) for name, field in _COUNTS.items()}


def write_sequence(folder: Path, truth: MotTable, length: int, *, classes: bool) -> Path:
    """A sequence folder with ``gt/gt.txt`` and ``seqinfo.ini`` as MOT17 (with classes) or MOT15 writes them."""
    (folder / "gt").mkdir(parents=True)
    (folder / "seqinfo.ini").write_text(
        f"[Sequence]\nname={folder.name}\nframeRate=10\nseqLength={length}\nimWidth=200\nimHeight=200\n",
        encoding="utf-8",
    )
    lines = []
    for row in range(len(truth)):
        left, top, right, bottom = truth.xyxy[row]
        tail = f"{truth.class_id[row]},1" if classes else "-1,-1,-1"
        lines.append(
            f"{truth.frame[row]},{truth.id[row]},{left:.2f},{top:.2f},{right - left:.2f},{bottom - top:.2f},"
            f"{truth.score[row]:.0f},{tail}\n"
        )
    (folder / "gt" / "gt.txt").write_text("".join(lines), encoding="utf-8")
    return folder
