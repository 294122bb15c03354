"""Files of boxes: what is read, and what is refused with file and line or entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.errors import InputEmpty, InputNotFound, MalformedInput
from pipeline.evaluation.boxes import Box, image_names, read_labels, read_predictions

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "image,left,top,width,height\n"


def test_labels_and_predictions_are_read(tmp_path: Path) -> None:
    labels, results = tmp_path / "boxes.csv", tmp_path / "results.json"
    labels.write_text(HEADER + "a.jpg,1,2,3,4.5\n", encoding="utf-8-sig")
    results.write_text('[{"image_id": "a.jpg", "bbox": [1, 2, 3, 4.5], "score": 0.25}]')
    assert read_labels(labels) == [Box("a.jpg", (1, 2, 3, 4.5))]
    assert read_predictions(results) == [Box("a.jpg", (1, 2, 3, 4.5), 0.25)]
    results.write_text("[]")
    assert read_predictions(results) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("image,left,top,width\na.jpg,1,2,3\n", r":1: no column 'height'"),
        (HEADER + "a.jpg,1,2,3,4\nb.jpg,1,2,x,4\n", r":3: 'x' is no number"),
        (HEADER + "a.jpg,1,2,nan,4\n", r":2: nan is not finite"),
        (HEADER + "a.jpg,1,2,3\n", r":2: 'None' is no number"),
        (HEADER + "a.jpg,1,2,-3,4\n", r":2: a box is"),
    ],
)
def test_a_bad_label_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "boxes.csv"
    file.write_text(text)
    with pytest.raises(MalformedInput, match=rf"boxes\.csv{reason}"):
        read_labels(file)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[\n{]", r":2: no JSON"),
        ("{}", "holds no list"),
        ("[3]", "entry 0: needs image_id, bbox and score"),
        ('[{"image_id": "a", "bbox": [1, 2, 3, 4]}]', "entry 0: needs"),
        ('[{"image_id": "a", "bbox": 7, "score": 1}]', "entry 0: bbox must be"),
        ('[{"image_id": "a", "bbox": [1, 2, 3], "score": 1}]', "entry 0: a box is"),
        ('[{"image_id": "a", "bbox": [1, 2, NaN, 4], "score": 1}]', "entry 0: nan is not finite"),
        ('[{"image_id": "a", "bbox": [1, 2, 3, 4], "score": "high"}]', "entry 0: 'high' is no number"),
    ],
)
def test_a_bad_prediction_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(text)
    with pytest.raises(MalformedInput, match=reason):
        read_predictions(file)


def test_missing_and_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match="no such file"):
        read_labels(tmp_path / "boxes.csv")
    with pytest.raises(InputNotFound, match="cannot be read"):
        read_predictions(tmp_path)
    (tmp_path / "boxes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MalformedInput, match="not a text file"):
        read_labels(tmp_path / "boxes.csv")
    for text in ("", HEADER):
        (tmp_path / "boxes.csv").write_text(text)
        with pytest.raises(InputEmpty, match="no labelled person"):
            read_labels(tmp_path / "boxes.csv")
    with pytest.raises(InputNotFound, match="no such folder"):
        image_names(tmp_path / "images")
