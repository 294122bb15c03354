"""Observations as MOTChallenge tables: frame by frame, a bounded piece at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.motchallenge import MotTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from storage.records import Observation

_ROWS = 4096


def as_tables(observations: Iterable[Observation]) -> Iterator[MotTable]:
    """Tables of about 4,096 rows, cut between frames; frame n is the picture of index n - 1.

    Args:
        observations: in the order of frames.
    """
    rows: list[Observation] = []
    for observation in observations:
        if len(rows) >= _ROWS and observation.frame_index != rows[-1].frame_index:
            yield _table(rows)
            rows = []
        rows.append(observation)
    if rows:
        yield _table(rows)


def as_table(observations: Iterable[Observation]) -> MotTable:
    """All of them in one table, with pixels as exact as in the file of results."""
    tables = list(as_tables(observations))
    if not tables:
        return MotTable.empty()
    return MotTable.of_results(
        np.concatenate([table.frame for table in tables]),
        np.concatenate([table.id for table in tables]),
        np.concatenate([table.xyxy for table in tables]).round(2),
        np.concatenate([table.score for table in tables]),
    )


def _table(rows: list[Observation]) -> MotTable:
    return MotTable.of_results(
        np.array([row.frame_index + 1 for row in rows]),
        np.array([row.number for row in rows]),
        np.array([row.xyxy for row in rows]),
        np.array([row.score for row in rows]),
    )
