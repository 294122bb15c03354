"""Agreement of a replay with ground truth, as a live daemon would have had it and after the second look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import InputNotFound
from pipeline.evaluation.tracking import evaluate_sequence, locate_errors
from pipeline.motchallenge import MotTable, read_table
from pipeline.replay.tables import as_table
from pipeline.report.content import CameraEvaluation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from fractions import Fraction
    from pathlib import Path

    from pipeline.replay.online_positions import OnlinePositions
    from storage.records import Observation

ONLINE = "online"
"""What a live daemon would have said at the time."""
SECOND_LOOK = "second look"
"""With what only a recording allows."""


def read_ground_truth(path: Path) -> MotTable:
    """Ground truth of one recording; also makes sure, before the work begins, that it can be scored.

    Args:
        path: a MOTChallenge table, or the folder of a sequence that holds ``gt/gt.txt``; frame n is the picture of
            index n - 1.

    Raises:
        InputNotFound: there is no such table.
        MalformedInput: it is no table of ground truth.
        EvaluationUnavailable: the evaluation package is not installed.
    """
    if path.is_dir():
        path = path / "gt" / "gt.txt"
        if not path.is_file():
            raise InputNotFound(
                f"{path}: no such file; name a table or a sequence folder that holds gt/gt.txt"
            )
    truth = read_table(path)
    evaluate_sequence(MotTable.empty(), truth)
    return truth


def evaluate_camera(
    observations: Callable[[], Iterable[Observation]],
    truth: MotTable,
    *,
    frames: int,
    rate_hz: Fraction,
    online: OnlinePositions | None,
    complete: bool = True,
) -> CameraEvaluation:
    """Score one camera.

    Args:
        observations: reads them from the database, in the order of frames.
        truth: who was where.
        frames: how many the recording has.
        rate_hz: frames a second.
        online: what a live daemon would have said; None where that is what the database holds.
        complete: False leaves ground truth after the last frame out of account, which nobody looked for.
    """
    if not complete:
        truth = truth[truth.frame <= frames]
    length = max(frames, int(truth.frame.max(initial=0)))
    told = as_table(observations())
    results = {ONLINE: told} if online is None else {ONLINE: online.table(), SECOND_LOOK: told}
    label = list(results)[-1]
    return CameraEvaluation(
        scores={name: evaluate_sequence(table, truth, length=length) for name, table in results.items()},
        errors=locate_errors(results[label], truth, length=length),
        errors_of=label,
        fps=float(rate_hz),
    )
