"""MOTChallenge tables: what is read, what is refused, and by which line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.errors import InputNotFound, MalformedInput, OutputError
from pipeline.motchallenge import MotTable, SequenceDetections, read_sequence_info, read_table, write_results

if TYPE_CHECKING:
    from pathlib import Path

_INFO = "[Sequence]\nname=S\nimDir=img1\nframeRate=7\nseqLength=20\nimWidth=768\nimHeight=576\nimExt=.jpg\n"


def table(folder: Path, text: str) -> Path:
    path = folder / "det.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_detections_of_seven_columns(tmp_path: Path) -> None:
    read = read_table(table(tmp_path, "\n2,-1,10,20,30,40,0.5\n\n1,-1,1,2,3,4,0.9\n"))
    assert read.frame.tolist() == [2, 1]
    assert read.xyxy.tolist() == [[10, 20, 40, 60], [1, 2, 4, 6]]
    assert read.score.tolist() == [0.5, 0.9]
    assert read.visibility.tolist() == [1, 1]


def test_ground_truth_of_nine_columns_has_class_and_visibility(tmp_path: Path) -> None:
    read = read_table(table(tmp_path, "1,4,10,20,30,40,1,7,0.25\n"))
    assert (read.class_id.tolist(), read.visibility.tolist()) == ([7], [0.25])


def test_nothing_in_the_file_is_nothing_in_the_table(tmp_path: Path) -> None:
    assert len(read_table(table(tmp_path, "\n \n"))) == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,-1,1,2,3,4,1\n\n1,-1,one,2,3,4,1\n", r"det\.txt:3: 'one' is no number"),
        ("1,-1,1,2,3,4,1\n1,-1,1,2,3\n", r"det\.txt:2: 5 columns, the rows before have 7"),
        ("1,-1,1\n", r"det\.txt:1: 3 columns"),
        ("1,-1,1,2,3,4,1\n0,-1,1,2,3,4,1\n", r"det\.txt:2: frame 0 "),
        ("\n1.5,-1,1,2,3,4,1\n", r"det\.txt:2: frame 1\.5 "),
        ("nan,-1,1,2,3,4,1\n", r"det\.txt:1: frame nan "),
        ("99999999999,-1,1,2,3,4,1\n", r"det\.txt:1: frame 1e\+11 "),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(MalformedInput, match=says):
        read_table(table(tmp_path, text))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "det.txt"
    path.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(MalformedInput, match="not a text file"):
        read_table(path)
    with pytest.raises(InputNotFound, match="no such file"):
        read_table(tmp_path / "absent.txt")


def test_sequence_info(tmp_path: Path) -> None:
    path = tmp_path / "seqinfo.ini"
    path.write_text(_INFO, encoding="utf-8")
    info = read_sequence_info(path)
    assert (info.name, info.frame_rate, info.length, info.width, info.height) == ("S", 7.0, 20, 768, 576)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("frameRate=7\n", ""),
        ("frameRate=7", "frameRate=0"),
        ("=20", "=many"),
        ("[Sequence]", "[Else]"),
        ("[Seq", "]"),
    ],
)
def test_sequence_info_that_does_not_hold(tmp_path: Path, was: str, becomes: str) -> None:
    path = tmp_path / "seqinfo.ini"
    path.write_text(_INFO.replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(MalformedInput, match=r"seqinfo\.ini"):
        read_sequence_info(path)


def test_every_frame_comes_and_odd_boxes_are_counted(tmp_path: Path) -> None:
    odd = "1,-1,1,2,-3,4,1\n1,-1,nan,2,3,4,1\n3,-1,1,2,3,0,1\n3,-1,1e300,2,3,4,1\n"
    sequence = SequenceDetections(read_table(table(tmp_path, odd + "3,-1,5,6,7,8,0.5\n")), length=4)
    assert [(frame, len(found)) for frame, found in sequence] == [(1, 0), (2, 0), (3, 1), (4, 0)]
    assert sequence.refused == 4


def test_results_are_the_same_bytes_whatever_the_order_of_rows(tmp_path: Path) -> None:
    rows = MotTable.of_results(
        np.array([2, 1, 1]), np.array([1, 9, 3]), np.arange(12.0).reshape(3, 4), np.array([0.5, 1, 0.25])
    )
    write_results(tmp_path / "a.txt", rows)
    write_results(tmp_path / "b.txt", [rows[np.array([1, 2])], rows[np.array([0])]])
    content = (tmp_path / "a.txt").read_text(encoding="ascii")
    assert content == (tmp_path / "b.txt").read_text(encoding="ascii")
    assert content.splitlines()[0] == "1,3,8.00,9.00,2.00,2.00,0.2500,-1,-1,-1"
    again = read_table(tmp_path / "a.txt")
    assert again.id.tolist() == [3, 9, 1]


def test_results_that_cannot_be_written_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_results(tmp_path / "absent" / "a.txt", MotTable.empty())
    assert list(tmp_path.iterdir()) == []


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"MotTable\.id must have shape \(2,\), has \(1,\)"):
        MotTable.of_results(np.array([1, 2]), np.array([1]), np.zeros((2, 4)), np.ones(2))
