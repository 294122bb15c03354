"""``sitewatch evaluate`` from files to tables, JSON and exit statuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.motchallenge import write_results
from tests.command import sitewatch
from tests.disturbed_tracks import disturbed, random_truth
from tests.trackeval_oracle import write_sequence

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Ground truth of three sequences in ``truth/MOT15``, good tracks in ``good`` and bad ones in ``bad``."""
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
    for number in range(3):
        truth = random_truth(number)
        write_sequence(tmp_path / "truth" / "MOT15" / f"S{number}", truth, length=30, classes=False)
        write_results(tmp_path / "good" / f"S{number}.txt", truth)
        write_results(tmp_path / "bad" / f"S{number}.txt", disturbed(truth, number))
    return tmp_path


def test_tracking_prints_a_table_and_writes_a_baseline_that_gates(site: Path) -> None:
    base = site / "base.json"
    good = sitewatch("evaluate", "tracking", site / "good", "--ground-truth", site / "truth", "--out", base)
    assert good.returncode == 0, good.stderr
    assert good.stderr == ""
    lines = good.stdout.splitlines()
    assert lines[0].split()[:6] == ["MOT15", "HOTA", "DetA", "AssA", "MOTA", "IDF1"]
    assert [line.split()[0] for line in lines[1:]] == ["S0", "S1", "S2", "combined", "95", "95"]

    summary = json.loads(base.read_text())["benchmarks"]["MOT15"]
    assert set(summary["sequences"]) == {"S0", "S1", "S2"}
    assert set(summary["intervals"]) == {"hota", "deta", "assa", "mota", "idf1"}

    gate = ("--ground-truth", site / "truth", "--baseline", base)
    assert sitewatch("evaluate", "tracking", site / "good", *gate).returncode == 0
    assert sitewatch("evaluate", "tracking", site / "bad", *gate, "--fail-below", "100").returncode == 0
    bad = sitewatch("evaluate", "tracking", site / "bad", *gate, "--fail-below", "1", "--format", "json")
    assert bad.returncode == 60
    assert bad.stderr.startswith("sitewatch: MOT15 HOTA ")
    assert "base.json" in bad.stderr
    assert json.loads(bad.stdout)["kind"] == "tracking"


def test_one_file_scores_against_one_sequence_without_an_interval(site: Path) -> None:
    truth = site / "truth" / "MOT15" / "S1"
    done = sitewatch("evaluate", "tracking", site / "bad" / "S1.txt", "--ground-truth", truth)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["nowhere", "--ground-truth", "truth"], 20, "nowhere: no such file or folder"),
        (["good", "--ground-truth", "nowhere"], 20, "nowhere: no such file or folder"),
        (["good", "--ground-truth", "truth", "--sequence", "S9"], 20, "No ground truth for sequence S9"),
        (["broken", "--ground-truth", "truth"], 27, "S0.txt:2: "),
        (["good", "--ground-truth", "truth", "--baseline", "nowhere"], 20, "baseline cannot be read"),
        (["good", "--ground-truth", "truth", "--fail-below", "1"], 2, "needs --baseline"),
        (["good", "--ground-truth", "truth", "--out", "nowhere/scores.json"], 70, "cannot be written"),
    ],
)
def test_what_is_wrong_ends_in_one_line_and_a_status(
    arguments: list[str], status: int, message: str, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site)
    (site / "broken").mkdir()
    for number in range(3):
        (site / "broken" / f"S{number}.txt").write_text("1,1,0,0,9,9,1\n1,1,5,5,9,9,1\n")
    done = sitewatch("evaluate", "tracking", *arguments)
    assert done.returncode == status, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_detection_scores_boxes(tmp_path: Path) -> None:
    (tmp_path / "boxes.csv").write_text("image,left,top,width,height\na.jpg,0,0,20,40\nb.jpg,5,5,20,40\n")
    (tmp_path / "results.json").write_text(
        json.dumps(
            [
                {"image_id": "a.jpg", "bbox": [0, 0, 20, 40], "score": 0.9},
                {"image_id": "z.jpg", "bbox": [0, 0, 20, 40], "score": 0.9},
            ]
        )
    )
    arguments = ("evaluate", "detection", tmp_path / "results.json", "--boxes", tmp_path / "boxes.csv")
    table = sitewatch(*arguments)
    assert table.returncode == 0, table.stderr
    assert "2 images, 2 persons, 1 boxes" in table.stdout
    assert "Left out, of images that are not in the set: 1" in table.stdout
    scores = json.loads(sitewatch(*arguments, "--format", "json").stdout)
    assert scores["scores"]["ap"] == pytest.approx(50.495, abs=0.01)
