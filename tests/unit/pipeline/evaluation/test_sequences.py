"""Ground truth is found wherever it lies; what cannot be scored is refused with file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.errors import InputEmpty, InputNotFound, MalformedInput
from pipeline.evaluation.alignment import Benchmark
from pipeline.evaluation.sequences import chosen, find_results, find_truth, read_checked

if TYPE_CHECKING:
    from pathlib import Path

ROW = "1,1,0,0,10,20,1,-1,-1,-1\n"
ROW_WITH_CLASS = "1,1,0,0,10,20,1,1,0.5\n"
INFO = "[Sequence]\nname=S\nframeRate=10\nseqLength={length}\nimWidth=64\nimHeight=48\n"


def sequence(folder: Path, row: str = ROW, length: int | None = None) -> Path:
    (folder / "gt").mkdir(parents=True)
    (folder / "gt" / "gt.txt").write_text(row)
    if length is not None:
        (folder / "seqinfo.ini").write_text(INFO.format(length=length))
    return folder


def test_a_root_a_sequence_folder_and_a_file_are_all_ground_truth(tmp_path: Path) -> None:
    folder = sequence(tmp_path / "MOT15" / "Campus", length=71)
    for path in (tmp_path, folder.parent, folder, folder / "gt", folder / "gt" / "gt.txt"):
        (found,) = find_truth(path)
        assert (found.name, found.benchmark, found.length) == ("Campus", Benchmark.MOT15, 71), path


@pytest.mark.parametrize(
    ("folder", "row", "benchmark"),
    [
        ("MOT15/Campus", ROW, Benchmark.MOT15),
        ("MOT17/Somewhere", ROW, Benchmark.MOT17),
        ("train/MOT20-01", ROW_WITH_CLASS, Benchmark.MOT20),
        ("yard/monday", ROW, Benchmark.MOT15),
        ("yard/monday", ROW_WITH_CLASS, Benchmark.MOT17),
        ("MOT2015x/monday", ROW_WITH_CLASS, Benchmark.MOT17),
    ],
)
def test_the_rules_come_from_the_names_or_else_from_the_table(
    folder: str, row: str, benchmark: Benchmark, tmp_path: Path
) -> None:
    sequence(tmp_path / folder, row)
    assert [found.benchmark for found in find_truth(tmp_path)] == [benchmark]
    assert [found.benchmark for found in find_truth(tmp_path, Benchmark.MOT16)] == [Benchmark.MOT16]


def test_no_ground_truth_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match=r"no such file or folder"):
        find_truth(tmp_path / "nowhere")
    with pytest.raises(InputNotFound, match=r"no gt/gt\.txt"):
        find_truth(tmp_path)


def test_one_name_twice_in_a_benchmark_is_refused(tmp_path: Path) -> None:
    sequence(tmp_path / "a" / "Campus")
    sequence(tmp_path / "b" / "Campus")
    with pytest.raises(MalformedInput, match="Campus is there twice"):
        find_truth(tmp_path)


def test_results_that_are_missing_are_named(tmp_path: Path) -> None:
    truth = find_truth(sequence(tmp_path / "truth" / "A").parent) + find_truth(
        sequence(tmp_path / "more" / "B")
    )
    results = tmp_path / "results"
    with pytest.raises(InputNotFound, match="no such file or folder"):
        find_results(results, truth)
    results.mkdir()
    (results / "A.txt").write_text(ROW)
    with pytest.raises(InputNotFound, match=r"no results for B; expected .*B\.txt"):
        find_results(results, truth)
    with pytest.raises(InputNotFound, match="one file of results for 2 sequences"):
        find_results(results / "A.txt", truth)
    assert find_results(results / "A.txt", truth[:1]) == {"A": results / "A.txt"}


def test_only_sequences_that_exist_can_be_chosen(tmp_path: Path) -> None:
    truth = find_truth(sequence(tmp_path / "A"))
    assert chosen(truth, []) == chosen(truth, ["A"]) == truth
    with pytest.raises(InputNotFound, match="No ground truth for sequence C; there is A"):
        chosen(truth, ["C"])


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (f"{ROW}\n2,1,nan,0,10,20,1,-1,-1,-1\n", 3, "finite"),
        (f"{ROW}2,1,0,0,10,inf,1,-1,-1,-1\n", 2, "finite"),
        (f"{ROW}2,1,0,0,10,20,nan,-1,-1,-1\n", 2, "finite"),
        (f"{ROW}\n\n{ROW}", 4, "id 1 is in frame 1 already"),
        ("1,-1,0,0,9,9,1\n1,-1,5,5,9,9,1\n", 2, "are these detections"),
        (f"{ROW}9,1,0,0,10,20,1,-1,-1,-1\n", 2, "frame 9 is beyond the sequence's 8 frames"),
        (f"{ROW}0,1,0,0,10,20,1,-1,-1,-1\n", 2, "frames"),
        (f"{ROW}two,1,0,0,10,20,1,-1,-1,-1\n", 2, "no number"),
        (f"{ROW}2,1,0,0\n", 2, "columns"),
    ],
)
def test_a_bad_row_is_refused_with_file_and_line(text: str, line: int, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "A.txt"
    file.write_text(text)
    with pytest.raises(MalformedInput, match=rf"A\.txt:{line}: .*{reason}"):
        read_checked(file, "results", 8)


def test_empty_results_are_results_but_an_empty_ground_truth_is_none(tmp_path: Path) -> None:
    file = tmp_path / "A.txt"
    file.write_text("")
    assert len(read_checked(file, "results", 8)) == 0
    with pytest.raises(InputEmpty, match="ground truth needs"):
        read_checked(file, "ground truth", 8)
