"""Boxes of persons in files: labels as CSV with one row a person, predictions as a COCO list of results.

``image_id`` of a prediction is the file name of its image. Predictions carry no other class: all are persons.
"""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import InputEmpty, InputNotFound, MalformedInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png"}
_BOX_COLUMNS = ("left", "top", "width", "height")


@dataclass(frozen=True, slots=True)
class Box:
    """One box of one image: a label, or a prediction with its confidence.

    Attributes:
        image: file name.
        ltwh: left, top, width, height in pixels.
        confidence: in [0, 1]; 1 for a label.
    """

    image: str
    ltwh: tuple[float, float, float, float]
    confidence: float = 1.0


def read_labels(path: Path) -> list[Box]:
    """The labelled persons of a CSV.

    Raises:
        InputNotFound: no such file.
        InputEmpty: no row.
        MalformedInput: a column is missing or a row is no box; the message names file and line.
    """
    labels = []
    with io.StringIO(_text(path)) as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in ("image", *_BOX_COLUMNS) if name not in (reader.fieldnames or ())]
        if missing and reader.fieldnames:
            raise MalformedInput(
                f"{path}:1: no column {missing[0]!r}; a table of boxes starts with image,left,top,width,height"
            )
        for row in reader:
            where = f"{path}:{reader.line_num}"
            labels.append(Box(row["image"], _ltwh([row[name] for name in _BOX_COLUMNS], where)))
    if not labels:
        raise InputEmpty(f"{path}: no labelled person; a table of boxes has one row a person")
    return labels


def read_predictions(path: Path) -> list[Box]:
    """The boxes of a COCO list of results; an empty list is a result too.

    Raises:
        InputNotFound: no such file.
        MalformedInput: no JSON, no list, or an entry that is no box; the message names file and line or entry.
    """
    try:
        entries = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise MalformedInput(f"{path}:{error.lineno}: no JSON: {error.msg}") from None
    if not isinstance(entries, list):
        raise MalformedInput(
            f"{path}: holds no list; expected COCO results, as `sitewatch detect --out` writes them"
        )
    return [_prediction(entry, f"{path}: entry {number}") for number, entry in enumerate(entries)]


def _prediction(entry: object, where: str) -> Box:
    if not isinstance(entry, dict) or not {"image_id", "bbox", "score"} <= entry.keys():
        raise MalformedInput(f"{where}: needs image_id, bbox and score")
    if not isinstance(entry["bbox"], list):
        raise MalformedInput(f"{where}: bbox must be [left, top, width, height]")
    return Box(str(entry["image_id"]), _ltwh(entry["bbox"], where), _number(entry["score"], where))


def _ltwh(values: Sequence[object], where: str) -> tuple[float, float, float, float]:
    numbers = [_number(value, where) for value in values]
    if len(numbers) != 4 or min(numbers[2:]) < 0:
        raise MalformedInput(
            f"{where}: a box is left, top, width, height with sizes of 0 or more, is {numbers}"
        )
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _number(value: object, where: str) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]  # anything may stand in a file
    except (TypeError, ValueError):
        raise MalformedInput(f"{where}: {str(value)[:40]!r} is no number") from None
    if not math.isfinite(number):
        raise MalformedInput(f"{where}: {number} is not finite")
    return number


def image_names(folder: Path | None) -> set[str]:
    """File names of the images in a folder; none without a folder.

    Raises:
        InputNotFound: no such folder.
    """
    if folder is None:
        return set()
    if not folder.is_dir():
        raise InputNotFound(f"{folder}: no such folder of images")
    return {path.name for path in folder.iterdir() if path.suffix.lower() in _IMAGE_SUFFIXES}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputNotFound(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise MalformedInput(f"{path}: not a text file") from None
    except OSError as error:
        raise InputNotFound(f"{path}: cannot be read: {error.strerror}") from None
