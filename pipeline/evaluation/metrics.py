"""TrackEval's HOTA, CLEAR and Identity, fed with ids and similarities, quiet, with typed results.

The metrics are used without TrackEval's dataset classes: those read files from a fixed tree of folders, print, and
guess the format of a table. The numbers are TrackEval's own; that the rows that count are the same ones is tested
against its dataset class.

Reference: Luiten & Hoffhues, TrackEval, 2020, https://github.com/JonathonLuiten/TrackEval
"""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from config.errors import EvaluationUnavailable
from pipeline.evaluation.scores import TrackingScores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.evaluation.alignment import AlignedSequence

TRACKEVAL_COMMAND = "pip install --no-deps trackeval==1.3.0"


@dataclass(frozen=True, slots=True, eq=False)
class SequenceStatistics:
    """What is needed of one sequence to score it, alone or together with others.

    Attributes:
        by_metric: TrackEval's own result for each of its metrics.
        frames: length of the sequence.
    """

    by_metric: Mapping[str, Mapping[str, Any]]
    frames: int


@lru_cache(maxsize=1)
def trackeval_metrics() -> Mapping[str, Any]:
    """TrackEval's three metrics by name.

    Raises:
        EvaluationUnavailable: TrackEval is not installed.
    """
    try:
        with redirect_stdout(io.StringIO()):  # its datasets announce optional parts that are missing
            from trackeval.metrics import CLEAR, HOTA, Identity
    except ImportError as error:
        raise EvaluationUnavailable(
            f"Tracking is scored by TrackEval, which is not installed ({error}); run: {TRACKEVAL_COMMAND}"
        ) from None
    quiet = {"PRINT_CONFIG": False}
    return {"HOTA": HOTA(), "CLEAR": CLEAR(dict(quiet)), "Identity": Identity(dict(quiet))}


def sequence_statistics(aligned: AlignedSequence) -> SequenceStatistics:
    """Run the three metrics over one sequence.

    Raises:
        EvaluationUnavailable: TrackEval is not installed.
    """
    data = {
        "num_timesteps": aligned.length,
        "num_gt_ids": aligned.persons,
        "num_tracker_ids": aligned.tracks,
        "num_gt_dets": sum(map(len, aligned.person_ids)),
        "num_tracker_dets": sum(map(len, aligned.track_ids)),
        "gt_ids": aligned.person_ids,
        "tracker_ids": aligned.track_ids,
        "similarity_scores": aligned.similarity,
    }
    by_metric = {name: metric.eval_sequence(data) for name, metric in trackeval_metrics().items()}
    return SequenceStatistics(by_metric, aligned.length)


def combined_scores(sequences: Sequence[SequenceStatistics]) -> TrackingScores:
    """Scores of several sequences together, as TrackEval combines them: from counts, not from percentages."""
    combined = {
        name: metric.combine_sequences(
            {number: sequence.by_metric[name] for number, sequence in enumerate(sequences)}
        )
        for name, metric in trackeval_metrics().items()
    }
    return _typed(combined, sum(sequence.frames for sequence in sequences))


def sequence_scores(sequence: SequenceStatistics) -> TrackingScores:
    """Scores of one sequence alone."""
    return _typed(sequence.by_metric, sequence.frames)


def _typed(by_metric: Mapping[str, Mapping[str, Any]], frames: int) -> TrackingScores:
    hota, clear, identity = by_metric["HOTA"], by_metric["CLEAR"], by_metric["Identity"]
    return TrackingScores(
        hota=_percent(hota["HOTA"]),
        deta=_percent(hota["DetA"]),
        assa=_percent(hota["AssA"]),
        loca=_percent(hota["LocA"]),
        mota=_percent(clear["MOTA"]),
        motp=_percent(clear["MOTP"]),
        idf1=_percent(identity["IDF1"]),
        recall=_percent(clear["CLR_Re"]),
        precision=_percent(clear["CLR_Pr"]),
        identity_switches=int(clear["IDSW"]),
        false_positives=int(clear["CLR_FP"]),
        misses=int(clear["CLR_FN"]),
        fragmentations=int(clear["Frag"]),
        mostly_tracked=int(clear["MT"]),
        mostly_lost=int(clear["ML"]),
        persons=int(clear["MT"] + clear["PT"] + clear["ML"]),
        frames=frames,
    )


def _percent(value: Any) -> float:
    return 100 * float(np.mean(value))
