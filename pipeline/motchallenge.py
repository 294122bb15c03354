"""MOTChallenge files: detections, ground truth and results as comma-separated tables, ``seqinfo.ini`` beside them.

Reference: Leal-Taixe et al. 2015 (MOT15: 10 columns), Milan et al. 2016 (MOT16/17: ground truth of 9 columns).
"""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from config.errors import InputNotFound, MalformedInput
from models.detections import PERSON_CLASS_ID, Detections
from pipeline.output_files import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

PEDESTRIAN_CLASS_ID = 1
"""Class of a pedestrian in MOT16/17 ground truth, and of every row of a table without a class column."""
GROUND_TRUTH_COLUMNS = 9
"""Only MOT16/17 ground truth has nine columns: the eighth is the class, the ninth the visible share."""
LAST_FRAME = 100_000_000
"""A frame number beyond this (38 days at 30 frames/s) is taken for a damaged row."""
_FEWEST_COLUMNS = 6  # frame, id, left, top, width, height; a seventh is score or flag


@dataclass(frozen=True, slots=True, eq=False)
class MotTable:
    """Rows of a MOTChallenge file, in the order of the file.

    Attributes:
        frame: (N,) int64, 1-based.
        id: (N,) int64, -1 in tables of detections.
        xyxy: (N, 4) float64 pixels, as the file says: not a number and inverted boxes included.
        score: (N,) float64: confidence of a detection or result, flag of ground truth (0: not counted).
        class_id: (N,) int64, ``PEDESTRIAN_CLASS_ID`` where the file has no such column.
        visibility: (N,) float64 in [0, 1], 1 where the file has no such column.
    """

    frame: NDArray[np.int64]
    id: NDArray[np.int64]
    xyxy: NDArray[np.float64]
    score: NDArray[np.float64]
    class_id: NDArray[np.int64]
    visibility: NDArray[np.float64]

    def __post_init__(self) -> None:
        count = len(self.frame)
        for name in ("id", "xyxy", "score", "class_id", "visibility"):
            expected = (count, 4) if name == "xyxy" else (count,)
            actual = getattr(self, name).shape
            if actual != expected:
                raise ValueError(f"MotTable.{name} must have shape {expected}, has {actual}")

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, index: NDArray[np.bool_] | NDArray[np.intp] | slice) -> MotTable:
        return MotTable(*(getattr(self, name)[index] for name in self.__slots__))

    @classmethod
    def of_results(
        cls,
        frame: NDArray[np.integer],
        track_id: NDArray[np.integer],
        xyxy: NDArray[np.floating],
        score: NDArray[np.floating],
    ) -> MotTable:
        """The table of what a tracker says: (N,) 1-based frames, (N,) ids, (N, 4) pixels, (N,) confidences."""
        return cls(
            np.asarray(frame, np.int64).reshape(-1),
            np.asarray(track_id, np.int64).reshape(-1),
            np.asarray(xyxy, np.float64).reshape(-1, 4),
            np.asarray(score, np.float64).reshape(-1),
            np.full(len(frame), PEDESTRIAN_CLASS_ID, np.int64),
            np.ones(len(frame)),
        )

    @classmethod
    def empty(cls) -> MotTable:
        """No row at all."""
        return cls.of_results(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 4)), np.empty(0))


def read_table(path: Path) -> MotTable:
    """Rows of ``det.txt``, ``gt.txt`` or a file of results; blank lines are skipped.

    Raises:
        InputNotFound: no such file.
        MalformedInput: a row that is no row of numbers, has another number of columns than the first, or whose
            frame or id is no whole number; the message names file and line.
    """
    text = _read_text(path)
    if not text.strip():
        return MotTable.empty()
    try:
        values = np.loadtxt(text.splitlines(), delimiter=",", ndmin=2, comments=None)
    except ValueError:
        _name_the_bad_line(path, text)
    columns = values.shape[1]
    if columns < _FEWEST_COLUMNS:
        raise MalformedInput(
            f"{path}:{_line_of_row(text, 0)}: {columns} columns, needs frame,id,left,top,width,height"
        )
    _refuse_odd_numbers(path, text, values)
    of_ground_truth = columns == GROUND_TRUTH_COLUMNS
    count = len(values)
    return MotTable(
        frame=values[:, 0].astype(np.int64),
        id=values[:, 1].astype(np.int64),
        xyxy=np.concatenate([values[:, 2:4], values[:, 2:4] + values[:, 4:6]], axis=1),
        score=values[:, 6].copy() if columns > _FEWEST_COLUMNS else np.ones(count),
        class_id=values[:, 7].astype(np.int64)
        if of_ground_truth
        else np.full(count, PEDESTRIAN_CLASS_ID, np.int64),
        visibility=values[:, 8].copy() if of_ground_truth else np.ones(count),
    )


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputNotFound(f"{path}: no such file; expected a MOTChallenge table") from None
    except UnicodeDecodeError:
        raise MalformedInput(
            f"{path}: not a text file; expected rows frame,id,left,top,width,height,score"
        ) from None
    except OSError as error:
        raise InputNotFound(f"{path}: cannot be read: {error.strerror}") from error


def _refuse_odd_numbers(path: Path, text: str, values: NDArray[np.float64]) -> None:
    with np.errstate(invalid="ignore"):
        whole = np.isfinite(values[:, :2]).all(1) & (values[:, :2] == np.trunc(values[:, :2])).all(1)
        odd = ~(whole & (values[:, 0] >= 1) & (values[:, 0] <= LAST_FRAME))
    if odd.any():
        row = int(odd.argmax())
        raise MalformedInput(
            f"{path}:{_line_of_row(text, row)}: frame {values[row, 0]:g} and id {values[row, 1]:g} must be whole "
            f"numbers, frames counted from 1 to {LAST_FRAME}"
        )


def _line_of_row(text: str, row: int) -> int:
    """1-based line of the ``row``-th line that is not blank."""
    return [number for number, line in enumerate(text.splitlines(), 1) if line.strip()][row]


def _name_the_bad_line(path: Path, text: str) -> NoReturn:
    """Raise the error that names the first line that is not like the lines before it."""
    columns = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = line.split(",")
        columns = columns or len(cells)
        if len(cells) != columns:
            raise MalformedInput(f"{path}:{number}: {len(cells)} columns, the rows before have {columns}")
        for cell in cells:
            try:
                float(cell)
            except ValueError:
                raise MalformedInput(f"{path}:{number}: {cell.strip()[:40]!r} is no number") from None
    raise MalformedInput(f"{path}: not a table of numbers")


@dataclass(frozen=True, slots=True)
class SequenceInfo:
    """What ``seqinfo.ini`` says of a sequence: frames a second, frames, picture size in pixels."""

    name: str
    frame_rate: float
    length: int
    width: int
    height: int


def read_sequence_info(path: Path) -> SequenceInfo:
    """The ``seqinfo.ini`` at ``path``.

    Raises:
        InputNotFound: no such file.
        MalformedInput: a key is missing, or its value is no positive number.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(_read_text(path))
        section = parser["Sequence"]
        info = SequenceInfo(
            section.get("name", path.parent.name),
            float(section["frameRate"]),
            int(section["seqLength"]),
            int(section["imWidth"]),
            int(section["imHeight"]),
        )
    except configparser.Error as error:
        raise MalformedInput(f"{path}: {error.message.splitlines()[0]}") from None
    except KeyError as error:
        raise MalformedInput(
            f"{path}: no {error.args[0]!r}; a sequence needs frameRate, seqLength, imWidth, imHeight"
        ) from None
    except ValueError as error:
        raise MalformedInput(f"{path}: {error}") from None
    if not (0 < info.frame_rate < float("inf") and info.length > 0 and info.width > 0 and info.height > 0):
        raise MalformedInput(f"{path}: frameRate, seqLength, imWidth and imHeight must be positive")
    return info


class SequenceDetections:
    """The detections of a sequence, frame by frame.

    Iterating gives ``(frame, Detections)`` for each frame from 1 to ``len``, frames without a box included.

    Attributes:
        refused: how many rows were left out: not a number, inverted, or of no area.
    """

    def __init__(self, table: MotTable, length: int | None = None) -> None:
        """Sort ``table`` by frame; ``length`` frames, or up to the last row's frame if that is later."""
        by_frame = table[np.argsort(table.frame, kind="stable")]
        # the frame travels as the class through the check, so that what is left still knows its frame
        with np.errstate(over="ignore"):  # beyond float32 is not finite, and refused as such
            usable, self.refused = Detections.sanitised(by_frame.xyxy, by_frame.score, by_frame.frame)
        kept = usable.class_id
        persons = np.full(len(usable), PERSON_CLASS_ID, np.int64)
        self._all = Detections(usable.xyxy, usable.confidence, persons)
        last = int(by_frame.frame[-1]) if len(by_frame) else 0
        self._length = max(length or 0, last)
        self._starts = np.searchsorted(kept, np.arange(1, self._length + 2))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[tuple[int, Detections]]:
        for frame in range(1, self._length + 1):
            yield frame, self._all[slice(self._starts[frame - 1], self._starts[frame])]


def write_results(path: Path, rows: MotTable | Iterable[MotTable]) -> None:
    """Write results in MOTChallenge form: whole or not at all, and the same bytes for the same rows.

    Args:
        path: file to write; its folder must exist.
        rows: one table, or tables to write one after the other (so that a long recording streams through). Rows
            are ordered by frame, then id, within each table. Pixels are written with two decimals.

    Raises:
        OutputError: the file cannot be written.
        DiskFull: no space left.
    """
    with whole_file(path) as part, part.open("w", encoding="ascii", newline="\n") as out:
        for table in [rows] if isinstance(rows, MotTable) else rows:
            out.writelines(_lines(table))


def _lines(table: MotTable) -> Iterator[str]:
    order = np.lexsort((table.id, table.frame))
    tlwh = np.concatenate([table.xyxy[:, :2], table.xyxy[:, 2:] - table.xyxy[:, :2]], axis=1)
    for frame, number, (left, top, width, height), score in zip(
        table.frame[order].tolist(),
        table.id[order].tolist(),
        tlwh[order].tolist(),
        table.score[order].tolist(),
        strict=True,
    ):
        yield f"{frame},{number},{left:.2f},{top:.2f},{width:.2f},{height:.2f},{score:.4f},-1,-1,-1\n"
