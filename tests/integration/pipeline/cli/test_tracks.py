"""``sitewatch tracks`` and ``sitewatch db`` on a real database."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from pipeline.cli.main import cli
from storage.engine import open_database
from storage.export import CSV_COLUMNS
from storage.records import FrameCounts, ObservationOrigin, RunStatus
from storage.repositories.runs import RunRepository
from storage.schema import RunRow
from tests.command import COMMAND, sitewatch
from tests.observations import batch, start_run, walk, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.db"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    """A database with one run: 100 frames, three people at a time; number 50 in one frame only."""
    opened = open_database(path)
    run_id = start_run(opened)
    write(opened, run_id, [*walk(100), batch(100, [50])])
    RunRepository(opened).finish(
        run_id, RunStatus.COMPLETE, {"gate": FrameCounts(103, 101, {"stale": 2}, damaged=1)}
    )
    yield opened
    opened.dispose()


@pytest.fixture
def run(path: Path, engine: Engine) -> Any:
    """Run ``sitewatch ARGUMENTS… --database PATH``."""
    assert engine is not None

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(
            cli, [*arguments, "--database", str(path)], catch_exceptions=False, standalone_mode=True
        )

    return invoke


def test_list_as_table_names_every_track(run: Any) -> None:
    output = run("tracks", "list").stdout
    assert "first seen" in output
    assert output.count("gate") == 8
    assert "2026-01-31 02:00:00.000Z" in output


def test_list_as_csv_and_json_say_the_same(run: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(run("tracks", "list", "--format", "csv").stdout)))
    objects = json.loads(run("tracks", "list", "--format", "json").stdout)
    assert [{name: str(value) for name, value in one.items()} for one in objects] == rows
    assert [one["track"] for one in objects] == [1, 2, 3, 4, 5, 6, 7, 50]


def test_list_is_filtered(run: Any) -> None:
    def numbers(*filters: str) -> list[int]:
        return [
            one["track"] for one in json.loads(run("tracks", "list", "--format", "json", *filters).stdout)
        ]

    assert numbers("--from", "2026-01-31T02:00:04Z") == [50]
    assert numbers("--to", "2026-01-31T03:00:00.040+01:00") == [1, 2, 3]
    assert numbers("--camera", "gate", "--area", "590,140,610,160") == [50]
    assert numbers("--camera", "gate", "--area", "590,140 610,140 600,160") == [50]
    assert numbers("--run", "1", "--from", "2026-02-01T00:00Z") == []


def test_list_says_when_there_is_more(run: Any) -> None:
    result = run("tracks", "list", "--limit", "3", "--format", "json")
    assert len(json.loads(result.stdout)) == 3
    assert "more than 3" in result.stderr
    assert run("tracks", "list", "--limit", "8").stderr == ""


def test_area_needs_a_camera(run: Any) -> None:
    result = run("tracks", "list", "--area", "0,0,1,1")
    assert result.exit_code == 2
    assert "--camera" in result.stderr


def test_show_describes_one_track(run: Any) -> None:
    shown = json.loads(run("tracks", "show", "3", "--format", "json").stdout)
    assert (shown["run"], shown["camera"], shown["track"], shown["observations"]) == (1, "gate", 3, 60)
    assert (shown["first_frame"], shown["last_frame"], shown["mean_score"]) == (0, 59, 0.75)
    first_half_second, last_half_second = 6, 54.5  # the middle frames between which the way is measured
    step_px = 1.25**0.5
    assert shown["way_px"] == pytest.approx((last_half_second - first_half_second) * step_px, abs=0.1)
    assert shown["way_heights"] == pytest.approx(shown["way_px"] / 60, abs=0.1)
    assert "way_px" in run("tracks", "show", "3").stdout


def test_show_says_what_the_report_says_of_filled_positions(run: Any, engine: Engine) -> None:
    filled = batch(51, [1], origin=ObservationOrigin.INTERPOLATED)
    filled.score[:] = 0.1
    write(engine, start_run(engine), [batch(50, [1]), filled, batch(52, [1])])
    shown = json.loads(run("tracks", "show", "1", "--format", "json").stdout)
    assert (shown["interpolated"], shown["mean_score"]) == (1, 0.75)


def test_export_as_csv_holds_every_observation(run: Any, tmp_path: Path) -> None:
    out = tmp_path / "tracks.csv"
    assert run("tracks", "export", "--out", str(out)).output == ""
    text = out.read_text(encoding="utf-8")
    assert text == run("tracks", "export").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == 301
    assert rows[-1] == {
        "run": "1", "camera": "gate", "track": "50", "frame": "100", "time": "2026-01-31T02:00:04+00:00",
        "left": "590.0", "top": "90.0", "right": "610.0", "bottom": "150.0", "score": "0.75",
        "foot_x": "600.0", "foot_y": "150.0", "origin": "detected",
    }  # fmt: skip
    assert {item.name for item in tmp_path.iterdir()} >= {"tracks.csv"}
    assert not list(tmp_path.glob("*.part*"))


def test_export_as_geojson_has_one_line_a_track(run: Any) -> None:
    collection = json.loads(run("tracks", "export", "--format", "geojson").stdout)
    assert (collection["type"], collection["crs"], collection["units"]) == ("FeatureCollection", None, "px")
    features = collection["features"]
    assert [one["properties"]["track"] for one in features] == [1, 2, 3, 4, 5, 6, 7, 50]
    assert features[0]["geometry"]["type"] == "LineString"
    assert features[0]["geometry"]["coordinates"][:2] == [[10.0, 100.0], [11.0, 100.5]]
    assert features[-1]["geometry"] == {"type": "Point", "coordinates": [600.0, 150.0]}
    for one in features[:-1]:
        properties = one["properties"]
        lengths = {len(properties[name]) for name in ("times", "frames", "origins")}
        assert lengths == {len(one["geometry"]["coordinates"])}


def test_nothing_is_still_well_formed(run: Any) -> None:
    later = ("--from", "2027-01-01T00:00Z")
    assert json.loads(run("tracks", "export", *later, "--format", "geojson").stdout)["features"] == []
    assert run("tracks", "export", *later).stdout.strip() == ",".join(CSV_COLUMNS)
    assert json.loads(run("tracks", "list", *later, "--format", "json").stdout) == []
    for filters in (later, (*later, "--camera", "gate", "--area", "0,0,9,9")):
        heading, *rows = run("tracks", "list", *filters, "--format", "csv").stdout.splitlines()
        assert heading == run("tracks", "list", *filters[2:], "--format", "csv").stdout.splitlines()[0]
        assert rows == []
    assert run("tracks", "list", *later).stderr == "no track\n"


def test_status_shows_what_became_of_the_frames(run: Any) -> None:
    output = run("db", "status").stdout
    assert "run 1: complete" in output
    assert "gate: 103 frames captured, 101 processed, 2 dropped: stale, 1 damaged" in output


def test_recover_marks_the_runs_of_dead_processes(run: Any, engine: Engine) -> None:
    run_id = start_run(engine)
    with engine.begin() as connection:
        connection.execute(update(RunRow).where(RunRow.id == run_id).values(process="1/1/another-boot"))
    assert "its process is gone" in run("db", "status").stdout
    assert run("db", "recover").stdout == f"marked incomplete: {run_id}\n"
    assert f"run {run_id}: incomplete" in run("db", "status").stdout
    assert run("db", "recover").stdout == "marked incomplete: none\n"


def test_upgrade_creates_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    path = str(tmp_path / "new.db")
    first = CliRunner().invoke(cli, ["db", "upgrade", "--database", path])
    again = CliRunner().invoke(cli, ["db", "upgrade", "--set", f"storage.url=sqlite:///{path}"])
    assert first.stdout == f"{path}: schema none -> 0002\n"
    assert again.stdout == f"{path}: schema 0002, nothing to do\n"


@pytest.mark.parametrize("command", ["list", "export"])
def test_output_that_finds_no_place_ends_in_one_line(engine: Engine, path: Path, command: str) -> None:
    assert engine is not None
    arguments = [*COMMAND, "tracks", command, "--format", "csv", "--database", str(path)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (44, "sitewatch: no space left for the output: free some\n")
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.close()  # as head does when it has seen enough
    _, message = process.communicate(timeout=60)
    assert (process.returncode, message) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["tracks", "list", "--database", "PATH", "--from", "2026-01-31T02:00"], 46, "has no zone"),
        (["tracks", "list", "--database", "PATH", "--from", "noon"], 2, "is not an ISO 8601 time"),
        (["tracks", "list", "--database", "PATH", "--camera", "gate", "--area", "1,2"], 10, "an area is"),
        (
            [
                "tracks",
                "list",
                "--database",
                "PATH",
                "--from",
                "2026-01-31T02:00Z",
                "--to",
                "2026-01-31T02:00Z",
            ],
            2,
            "earlier",
        ),
        (["tracks", "list", "--database", "PATH", "--run", "9" * 30], 2, "is too large"),
        (["tracks", "list", "--database", "PATH", "--run", "9"], 47, "no run 9"),
        (["tracks", "list", "--database", "PATH", "--camera", "gaet"], 47, "no camera 'gaet', only gate"),
        (["tracks", "export", "--database", "PATH", "--run", "9"], 47, "no run 9"),
        (["tracks", "show", "99", "--database", "PATH"], 47, "no track 99"),
        (["tracks", "show", "1", "--run", "9", "--database", "PATH"], 47, "no run 9"),
        (["tracks", "list", "--database", "PATH.missing"], 45, "no database"),
        (["tracks", "list"], 10, "--database"),
        (["db", "status", "--database", "mysql://host/x"], 10, "not supported"),
    ],
)
def test_errors_are_one_line_and_have_their_status(
    engine: Engine, path: Path, arguments: list[str], status: int, says: str
) -> None:
    assert engine is not None
    done = sitewatch(*[argument.replace("PATH", str(path)) for argument in arguments])
    message = done.stderr
    assert done.returncode == status
    assert says in message
    assert "Traceback" not in message
    if status != 2:
        assert message.count("\n") == 1
