"""Tracker results that are wrong in every way a tracker can be, made from ground truth or from nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.motchallenge import MotTable

if TYPE_CHECKING:
    from numpy.typing import NDArray


def disturbed(truth: MotTable, seed: int) -> MotTable:
    """Ground truth with boxes missing, shaken and invented, and with ids that change."""
    generator = np.random.default_rng(seed)
    kept = truth[generator.random(len(truth)) < 0.85]
    sizes = kept.xyxy[:, 2:] - kept.xyxy[:, :2]
    boxes = kept.xyxy + np.tile(generator.normal(0, 0.1, (len(kept), 2)) * sizes, 2)
    numbers = kept.id * 1000 + kept.frame // generator.integers(20, 60)
    invented = generator.random(len(kept)) < 0.08
    return MotTable.of_results(
        np.concatenate([kept.frame, kept.frame[invented]]),
        np.concatenate([numbers, kept.id[invented] + 10_000_000]),
        np.concatenate([boxes, boxes[invented] + generator.normal(0, 60, (int(invented.sum()), 1))]),
        np.ones(len(kept) + int(invented.sum())),
    )


def random_truth(seed: int, *, frames: int = 30, people: int = 6, classes: bool = False) -> MotTable:
    """Boxes that wander through a small picture, so that they overlap; some rows are flagged as not counted."""
    generator = np.random.default_rng(seed)
    rows = []
    for person in range(1, people + 1):
        first, last = np.sort(generator.integers(1, frames + 1, 2))
        spots = generator.uniform(0, 60, 2) + np.cumsum(generator.normal(0, 3, (last - first + 1, 2)), axis=0)
        kind = int(generator.choice([1, 1, 1, 2, 3, 6, 7, 8, 12])) if classes else 1
        rows += [
            (frame, person, *spot, kind, flag)
            for frame, spot, flag in zip(
                range(first, last + 1), spots, generator.random(last - first + 1) > 0.1, strict=True
            )
        ]
    return _table(np.array(sorted(rows)))


def _table(rows: NDArray[np.float64]) -> MotTable:
    corner = rows[:, 2:4].round(2)
    return MotTable(
        frame=rows[:, 0].astype(np.int64),
        id=rows[:, 1].astype(np.int64),
        xyxy=np.concatenate([corner, corner + np.array([20.0, 40.0])], axis=1),
        score=rows[:, 5].copy(),
        class_id=rows[:, 4].astype(np.int64),
        visibility=np.ones(len(rows)),
    )
