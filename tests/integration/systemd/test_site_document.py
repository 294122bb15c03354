"""docs/site.md against what there is: its site loads, its commands and options exist, its paths are those of the unit."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from config.loading import load_settings
from pipeline.cli.main import cli
from storage.url import database_url

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "site.md").read_text(encoding="utf-8")
UNIT = (ROOT / "systemd" / "sitewatch.service").read_text(encoding="utf-8")
BINARY = "/opt/sitewatch/bin/sitewatch"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)


def commands_of_root() -> list[list[str]]:
    lines = "".join(blocks("console")).replace("\\\n", " ").splitlines()
    return [shlex.split(line[2:]) for line in lines if line.startswith("# ")]


def calls_of_sitewatch() -> list[list[str]]:
    return [words[words.index(BINARY) + 1 :] for words in commands_of_root() if BINARY in words]


def resolved(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that is named, and what follows its name."""
    command: click.Command = cli
    while isinstance(command, click.Group):
        name, found, words = command.resolve_command(click.Context(command), words)
        assert found is not None, name
        command = found
    return command, words


@pytest.mark.parametrize("words", calls_of_sitewatch(), ids=" ".join)
def test_a_command_takes_what_it_is_given(words: list[str]) -> None:
    command, rest = resolved(words)
    command.make_context(str(command.name), rest)  # parses, and calls nothing


def test_every_kind_of_command_is_looked_at() -> None:
    assert {words[0] for words in calls_of_sitewatch()} >= {
        "doctor",
        "status",
        "weights",
        "db",
        "check-config",
    }


def test_the_site_loads(tmp_path: Path) -> None:
    (yaml,) = blocks("yaml")
    path = tmp_path / "site.yaml"
    path.write_text(yaml)
    (camera,) = load_settings(path, environment={}).settings.cameras
    assert camera.credentials == "systemd:dock"
    assert f"LoadCredential={camera.id}:/etc/sitewatch/credentials/{camera.id}" in TEXT
    example = ROOT / "systemd" / "sitewatch.service.d" / "credentials.conf.example"
    assert f"LoadCredential={camera.id}:/etc/sitewatch/credentials/{camera.id}" in example.read_text()


def test_the_environment_names_a_database() -> None:
    (line,) = blocks("ini")
    name, _, value = line.strip().partition("=")
    settings = load_settings(environment={name: value}).settings
    assert settings.storage.url is not None
    url = database_url(settings.storage.url.get_secret_value())
    assert (url.username, url.database, url.query["host"]) == ("sitewatch", "sitewatch", "/run/postgresql")


def named_files() -> Iterator[str]:
    for words in commands_of_root():
        yield from (word for word in words if word.startswith("systemd/"))
    yield from (
        f"systemd/sitewatch.service.d/{name}" for name in re.findall(r"`([\w-]+\.conf\.example)`", TEXT)
    )


@pytest.mark.parametrize("path", sorted(set(named_files())))
def test_files_of_the_repository_are_there(path: str) -> None:
    assert (ROOT / path).is_file()


@pytest.mark.parametrize(
    "in_the_unit",
    [
        f"ExecStart={BINARY} run --config /etc/sitewatch/site.yaml",
        "EnvironmentFile=-/etc/sitewatch/environment",
        "Environment=SITEWATCH_CACHE=/var/cache/sitewatch",
        "User=sitewatch",
        "StateDirectory=sitewatch",
        "RestartSec=15",
    ],
)
def test_paths_are_those_of_the_unit(in_the_unit: str) -> None:
    assert f"\n{in_the_unit}\n" in UNIT


def test_statuses_that_end_it_for_good_are_those_of_the_unit() -> None:
    told = re.search(r"ended with ([\d, or]+), and stays down", TEXT)
    kept = re.search(r"^RestartPreventExitStatus=(.*)$", UNIT, flags=re.MULTILINE)
    assert told
    assert kept
    assert re.findall(r"\d+", told[1]) == kept[1].split()
