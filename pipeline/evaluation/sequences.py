"""Finding ground truth and results in folders, and refusing tables that no score should be computed from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from config.errors import InputEmpty, InputNotFound, MalformedInput
from pipeline.evaluation.alignment import Benchmark
from pipeline.motchallenge import GROUND_TRUTH_COLUMNS, read_sequence_info, read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from pipeline.motchallenge import MotTable

_BENCHMARK_IN_NAME = re.compile(r"MOT(15|16|17|20)(?!\d)")


@dataclass(frozen=True, slots=True)
class TruthSequence:
    """Ground truth of one sequence.

    Attributes:
        name: of its folder.
        benchmark: whose rules apply.
        path: its ``gt.txt``.
        length: frames as ``seqinfo.ini`` says, or None without such a file.
    """

    name: str
    benchmark: Benchmark
    path: Path
    length: int | None


def find_truth(path: Path, benchmark: Benchmark | None = None) -> list[TruthSequence]:
    """All sequences at ``path``, sorted by benchmark and name.

    Args:
        path: a ``gt.txt``, a sequence folder with ``gt/gt.txt``, or a folder of such folders at any depth.
        benchmark: whose rules apply; None takes it from the names of the folders (``MOT15``, ``MOT17-04-FRCNN``), or
            else from the table: one with a class column is MOT17, another one MOT15.

    Raises:
        InputNotFound: nothing there, or no ground truth in it.
        MalformedInput: two sequences of one benchmark have the same name, or ``seqinfo.ini`` is wrong.
    """
    if not path.exists():
        raise InputNotFound(f"{path}: no such file or folder; expected MOTChallenge ground truth")
    files = [path] if path.is_file() else sorted(path.rglob("gt/gt.txt"))
    if path.is_dir() and (path / "gt.txt").is_file():
        files = [path / "gt.txt"]
    if not files:
        raise InputNotFound(f"{path}: no gt/gt.txt in it; expected MOTChallenge sequence folders")
    found: dict[tuple[Benchmark, str], TruthSequence] = {}
    for file in files:
        sequence = _truth_sequence(file, benchmark)
        key = (sequence.benchmark, sequence.name)
        if key in found:
            raise MalformedInput(
                f"{path}: sequence {sequence.name} is there twice: {found[key].path} and {sequence.path}"
            )
        found[key] = sequence
    return [found[key] for key in sorted(found)]


def find_results(path: Path, sequences: Sequence[TruthSequence]) -> Mapping[str, Path]:
    """The file of results of each sequence.

    Args:
        path: a folder with ``<sequence>.txt`` for each, or one file when there is one sequence or one of its name.
        sequences: what is to be scored.

    Raises:
        InputNotFound: a sequence has no results; the message names the file that was expected.
    """
    if path.is_file():
        if len(sequences) == 1:
            return {sequences[0].name: path}
        raise InputNotFound(
            f"{path}: one file of results for {len(sequences)} sequences ({_listed(s.name for s in sequences)}); "
            f"give a folder of <sequence>.txt, or choose one with --sequence"
        )
    if not path.is_dir():
        raise InputNotFound(f"{path}: no such file or folder; expected results in MOTChallenge format")
    files = {sequence.name: path / f"{sequence.name}.txt" for sequence in sequences}
    missing = [name for name, file in files.items() if not file.is_file()]
    if missing:
        raise InputNotFound(
            f"{path}: no results for {_listed(missing)}; expected {path / missing[0]}.txt"
            f" (score only some sequences with --sequence)"
        )
    return files


def read_checked(path: Path, role: str, length: int | None) -> MotTable:
    """A table from which scores may be computed.

    Args:
        path: its file.
        role: what it holds, for messages: ``ground truth`` or ``results``.
        length: frames of the sequence; None where unknown.

    Raises:
        InputNotFound: no such file.
        InputEmpty: ground truth without a row.
        MalformedInput: a row that is no row, a box that is not finite, an id twice in a frame, or a frame beyond the
            sequence; the message names file and line.
    """
    table = read_table(path)
    if role == "ground truth" and not len(table):
        raise InputEmpty(f"{path}: empty; ground truth needs at least one row")
    fault = first_fault(table, length)
    if fault is not None:
        row, reason = fault
        raise MalformedInput(f"{path}:{_line_of(path, row)}: {reason}")
    return table


def first_fault(table: MotTable, length: int | None) -> tuple[int, str] | None:
    """Row and reason of the first thing in ``table`` that forbids a score; None when there is none."""
    faults = []
    odd = ~(np.isfinite(table.xyxy).all(axis=1) & np.isfinite(table.score))
    if odd.any():
        faults.append((int(odd.argmax()), "box and score must be finite numbers"))
    if length is not None and (table.frame > length).any():
        row = int((table.frame > length).argmax())
        faults.append((row, f"frame {table.frame[row]} is beyond the sequence's {length} frames"))
    order = np.lexsort((np.arange(len(table)), table.id, table.frame))
    again = (np.diff(table.frame[order]) == 0) & (np.diff(table.id[order]) == 0)
    if again.any():
        row = int(order[1:][again].min())
        hint = "; are these detections, not tracks?" if table.id[row] < 0 else ""
        faults.append((row, f"id {table.id[row]} is in frame {table.frame[row]} already{hint}"))
    return min(faults, default=None)


def chosen(sequences: Sequence[TruthSequence], names: Collection[str]) -> list[TruthSequence]:
    """The sequences of these names, or all where no name is given.

    Raises:
        InputNotFound: no ground truth of that name.
    """
    unknown = set(names) - {sequence.name for sequence in sequences}
    if unknown:
        raise InputNotFound(
            f"No ground truth for sequence {_listed(sorted(unknown))}; there is {_listed(s.name for s in sequences)}"
        )
    return [sequence for sequence in sequences if not names or sequence.name in names]


def _truth_sequence(file: Path, benchmark: Benchmark | None) -> TruthSequence:
    folder = file.resolve().parent
    folder = folder.parent if folder.name == "gt" else folder
    info = folder / "seqinfo.ini"
    return TruthSequence(
        folder.name,
        benchmark or _benchmark_of(file, (folder.name, folder.parent.name)),
        file,
        read_sequence_info(info).length if info.is_file() else None,
    )


def _benchmark_of(file: Path, folder_names: Sequence[str]) -> Benchmark:
    for name in reversed(folder_names):
        match = _BENCHMARK_IN_NAME.match(name)
        if match:
            return Benchmark(match.group(0))
    with file.open(encoding="utf-8-sig", errors="replace") as rows:
        first = next((row for row in rows if row.strip()), "")
    return Benchmark.MOT17 if first.count(",") == GROUND_TRUTH_COLUMNS - 1 else Benchmark.MOT15


def _line_of(path: Path, row: int) -> int:
    """1-based line of a row that ``read_table`` read: it skips blank lines."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return [number for number, line in enumerate(lines, 1) if line.strip()][row]


def _listed(names: Iterable[str]) -> str:
    items = list(names)
    return ", ".join(items[:5]) + (f" and {len(items) - 5} more" if len(items) > 5 else "")
