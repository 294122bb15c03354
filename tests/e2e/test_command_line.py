"""The shell around the commands: help, suggestions, statuses."""

from __future__ import annotations

import importlib.metadata
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from pipeline.cli.lazy import LazyGroup
from pipeline.cli.main import cli
from tests.command import sitewatch

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMANDS = cli.list_commands(click.Context(cli))


def test_alone_it_prints_its_help() -> None:
    alone, asked = sitewatch(), sitewatch("--help")
    assert alone.returncode == asked.returncode == 0
    assert alone.stdout.strip() == asked.stdout.strip()
    assert alone.stderr == ""
    for command in COMMANDS:
        assert f"\n  {command} " in asked.stdout


def test_it_knows_its_version() -> None:
    assert importlib.metadata.version("sitewatch") in sitewatch("--version").stdout


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (["wieghts"], "did you mean 'weights'?"),
        (["check_config"], "did you mean 'check-config'?"),
        (["weights", "fecth"], "did you mean 'fetch'?"),
        (["zzz"], "the commands are replay, run, status, reload, doctor, detect, "),
        (["weights", "list", "--detials"], "--details"),
    ],
)
def test_a_wrong_word_gets_a_suggestion(arguments: list[str], suggestion: str) -> None:
    done = sitewatch(*arguments)
    assert done.returncode == 2
    assert suggestion in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    done = sitewatch(command, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: ")


def test_groups_print_one_line_a_command() -> None:
    for name in COMMANDS:
        group = cli.get_command(click.Context(cli), name)
        if isinstance(group, click.Group):
            assert isinstance(group, LazyGroup), f"{name} should be a LazyGroup"
            for inner in group.list_commands(click.Context(group)):
                assert f"\n  {inner}" in sitewatch(name, "--help").stdout


def test_examples_of_help_pages_are_calls_that_the_commands_take() -> None:
    examples = [line for command in _leaves(cli) for line in _examples(command)]
    assert len(examples) >= 10
    for example in examples:
        program, *arguments = shlex.split(example)
        assert program == "sitewatch"
        command: click.Command = cli
        context = None
        while isinstance(command, click.Group):
            name = arguments.pop(0)
            context = click.Context(command, parent=context)
            inner = command.get_command(context, name)
            assert inner is not None, example
            command = inner
        command.make_context(command.name, arguments)  # raises where an option or its value is wrong


def _leaves(group: click.Group) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _leaves(command)
        else:
            yield command


def _examples(command: click.Command) -> list[str]:
    text = (command.epilog or "").replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.startswith("  sitewatch ")]


def test_a_lazy_command_must_be_a_command() -> None:
    group = LazyGroup("group", lazy={"wrong": ("os:path", "Not a command.")})
    with pytest.raises(TypeError, match="os:path is not a click command"):
        group.get_command(click.Context(group), "wrong")
