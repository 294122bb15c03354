"""Persons in a pile of pictures: detected in batches, written as COCO results, drawn where asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

import cv2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from config.errors import ConfigError, InputError, MalformedInput, OutputError
from models.registry import build_detector
from pipeline.drawing import colour_of, draw_box
from pipeline.image_files import find_images, read_image
from pipeline.output_files import prepare_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from config.sections.detector import DetectorSettings
    from models.base import Detector
    from models.detections import Detections

COCO_PERSON = 1
"""COCO's category id of a person."""


class CocoResult(TypedDict):
    """One box, as COCO writes results; ``image_id`` is the file's name."""

    image_id: str
    category_id: int
    bbox: list[float]
    score: float


@dataclass(slots=True)
class ImageReport:
    """What became of the pictures.

    Attributes:
        images: how many were read.
        boxes: how many persons were found in them.
        refused: how many boxes the network gave that are none, such as NaN.
        damaged: why each of the others was not.
    """

    images: int = 0
    boxes: int = 0
    refused: int = 0
    damaged: list[InputError] = field(default_factory=list)

    def raise_for_damaged(self) -> None:
        """Say which pictures could not be read.

        Raises:
            MalformedInput: some could not.
        """
        if len(self.damaged) == 1:
            raise MalformedInput(f"{self.damaged[0]}; the results hold all other images")
        if self.damaged:
            reasons = "; ".join(str(error) for error in self.damaged)
            raise MalformedInput(
                f"{len(self.damaged)} images cannot be read, the results hold all others: {reasons}"
            )


def detect_images(
    paths: Sequence[Path], settings: DetectorSettings, out: Path, draw: Path | None = None
) -> ImageReport:
    """Detect persons in files and folders of pictures; what cannot be read is left out and reported.

    Args:
        paths: pictures, and folders whose pictures are taken.
        settings: of the detector.
        out: JSON file to write.
        draw: folder for the pictures with their boxes.

    Raises:
        InputNotFound: a path does not exist.
        InputEmpty: a folder holds no picture.
        ConfigError: two pictures have the same name, which results could not tell apart; one would be overwritten by
            its drawing, or has a suffix that no drawing can have.
        WeightsError: the detector's weights cannot be had.
        OutputError: a result cannot be written.
    """
    files = find_images(paths)
    _refuse_same_names(files)
    _refuse_unwritable(out)
    if draw is not None:
        prepare_folder(draw)
        _refuse_undrawable(files, draw)
    detector = build_detector(settings)
    report = ImageReport()
    results: list[CocoResult] = []
    with _progress() as progress:
        task = progress.add_task("Detecting", total=len(files))
        for start in range(0, len(files), detector.batch_size):
            batch = files[start : start + detector.batch_size]
            for file, image, found in _detect_batch(detector, batch, report):
                results += coco_results(file.name, found)
                report.refused += found.refused
                if draw is not None:
                    _write_drawing(draw / file.name, image, found)
            progress.advance(task, len(batch))
    report.boxes = len(results)
    write_whole(out, json.dumps(results) + "\n")
    return report


def coco_results(image_id: str, found: Detections) -> list[CocoResult]:
    """The boxes of one picture in COCO's form, to a thousandth of a pixel."""
    return [
        {
            "image_id": image_id,
            "category_id": COCO_PERSON,
            "bbox": [round(float(edge), 3) for edge in (left, top, right - left, bottom - top)],
            "score": round(float(score), 6),
        }
        for (left, top, right, bottom), score in zip(found.xyxy, found.confidence, strict=True)
    ]


def _detect_batch(
    detector: Detector, files: Sequence[Path], report: ImageReport
) -> list[tuple[Path, NDArray[np.uint8], Detections]]:
    readable: list[tuple[Path, NDArray[np.uint8]]] = []
    for file in files:
        try:
            readable.append((file, read_image(file)))
        except InputError as error:
            report.damaged.append(error)
    report.images += len(readable)
    found = detector.detect([image for _, image in readable])
    return [(file, image, boxes) for (file, image), boxes in zip(readable, found, strict=True)]


def _refuse_same_names(files: Sequence[Path]) -> None:
    seen: dict[str, Path] = {}
    for file in files:
        if file.name in seen:
            raise ConfigError(
                f"{seen[file.name]} and {file} have the same name, by which results call them: run them separately"
            )
        seen[file.name] = file


def _refuse_unwritable(out: Path) -> None:
    """Before hours of detection, not after them."""
    if out.is_dir():
        raise OutputError(f"{out} is a folder: name the file to write")
    if not out.parent.is_dir():
        raise OutputError(f"{out}: cannot be written: there is no folder {out.parent}")


def _refuse_undrawable(files: Sequence[Path], draw: Path) -> None:
    for file in files:
        drawing = draw / file.name
        if drawing.exists() and drawing.samefile(file):
            raise ConfigError(f"--draw {draw} would overwrite {file}: name another folder")
        if not cv2.haveImageWriter(file.name):
            raise ConfigError(
                f"--draw cannot write a picture called {file.name}: give {file} a suffix such as .png"
            )


def _write_drawing(path: Path, image: NDArray[np.uint8], found: Detections) -> None:
    for number, (xyxy, score) in enumerate(zip(found.xyxy, found.confidence, strict=True)):
        draw_box(image, xyxy, f"{score:.2f}", colour_of(number))
    try:
        written, encoded = cv2.imencode(path.suffix, image)
    except cv2.error as error:  # larger than the format allows
        raise OutputError(f"{path}: cannot be encoded: {error.err}") from error
    if not written:
        raise OutputError(f"{path}: cannot be encoded")
    write_whole(path, encoded.tobytes())


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
