"""``sitewatch camera-events`` on a real database."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from pipeline.cli.main import cli
from storage.engine import open_database
from storage.records import CameraEventBegin, CameraEventEnd
from storage.writer import ObservationWriter
from tests.observations import START, start_run

if TYPE_CHECKING:
    from pathlib import Path

_MINUTE = timedelta(minutes=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """One run of two cameras: the gate was away for two minutes, and is frozen; the dock is covered."""
    path = tmp_path / "site.db"
    engine = open_database(path)
    with ObservationWriter(engine, start_run(engine, "gate", "dock")) as writer:
        writer.record(CameraEventBegin("gate", "offline", START + _MINUTE, "no route to host"))
        writer.record(CameraEventBegin("dock", "covered", START + 2 * _MINUTE))
        writer.record(CameraEventEnd("gate", "offline", START + 3 * _MINUTE))
        writer.record(CameraEventBegin("gate", "frozen", START + 5 * _MINUTE))
    engine.dispose()
    return path


def listed(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["camera-events", "--database", str(path), *arguments])


def kinds(path: Path, *arguments: str) -> list[str]:
    return [event["kind"] for event in json.loads(listed(path, "--format", "json", *arguments).stdout)]


def test_a_table_says_what_when_and_why(path: Path) -> None:
    shown = listed(path)
    assert shown.exit_code == 0
    offline = next(line for line in shown.stdout.splitlines() if "offline" in line)
    assert offline.split() == [
        *("1", "gate", "offline", "2026-01-31", "02:01:00.000Z", "2026-01-31", "02:03:00.000Z"),
        *("120.0", "no", "route", "to", "host"),
    ]


def test_csv_and_json_say_the_same(path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(listed(path, "--format", "csv").stdout)))
    objects = json.loads(listed(path, "--format", "json").stdout)
    assert [
        {name: "" if value is None else str(value) for name, value in one.items()} for one in objects
    ] == rows


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ([], ["offline", "covered", "frozen"]),
        (["--camera", "gate"], ["offline", "frozen"]),
        (["--open"], ["covered", "frozen"]),
        (["--to", "2026-01-31T02:02Z"], ["offline"]),
        (["--from", "2026-01-31T02:04Z"], ["covered", "frozen"]),
        (["--limit", "2"], ["offline", "covered"]),
        (["--run", "1", "--camera", "dock", "--from", "2026-01-31T02:00Z"], ["covered"]),
    ],
)
def test_events_are_chosen(path: Path, chosen: list[str], expected: list[str]) -> None:
    assert kinds(path, *chosen) == expected


def test_more_than_are_shown_is_said(path: Path) -> None:
    assert "more than 2" in listed(path, "--limit", "2").stderr
    assert not listed(path, "--limit", "3").stderr


def test_nothing_is_said_to_be_nothing(path: Path) -> None:
    assert listed(path, "--to", "2026-01-31T02:00Z").stderr == "no event\n"


@pytest.mark.parametrize("unknown", [["--camera", "yard"], ["--run", "7"]])
def test_what_is_not_there_is_refused(path: Path, unknown: list[str]) -> None:
    result: Any = listed(path, *unknown)
    assert "no" in str(result.exception)
    assert result.exit_code != 0
