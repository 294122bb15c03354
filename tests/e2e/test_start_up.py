"""The command line starts light, and the packages are installed as one distribution."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import subprocess
import sys

import click
import pytest

from pipeline.cli.main import cli

HEAVY = {
    "torch",
    "torchvision",
    "openvino",
    "numpy",
    "scipy",
    "cv2",
    "av",
    "matplotlib",
    "sqlalchemy",
    "pydantic",
    "httpx",
}
_REPORT = "import sys, json; print(json.dumps(sorted(set(sys.modules) & set(json.loads(sys.argv[1])))), file=sys.stderr)"


def imported_by(*arguments: str) -> list[str]:
    """Heavy modules that a run of the command line has imported."""
    program = f"from pipeline.cli.main import cli\ncli({list(arguments)!r}, standalone_mode=False)\n{_REPORT}"
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(sorted(HEAVY))],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    heavy: list[str] = json.loads(done.stderr)
    return heavy


def test_help_imports_nothing_heavy() -> None:
    assert imported_by("--help") == []


@pytest.mark.parametrize("command", cli.list_commands(click.Context(cli)))
def test_help_of_a_command_imports_nothing_heavy(command: str) -> None:
    assert imported_by(command, "--help") == []


@pytest.mark.parametrize("package", ["config", "models", "storage", "pipeline"])
def test_packages_belong_to_sitewatch_alone(package: str) -> None:
    owners = importlib.metadata.packages_distributions()[package]  # an editable install is listed twice
    assert set(owners) == {"sitewatch"}


@pytest.mark.parametrize("package", ["config", "models", "storage", "pipeline"])
def test_importing_a_package_is_cheap(package: str) -> None:
    program = f"import {package}, sys, json\n{_REPORT}"
    command = [sys.executable, "-c", program, json.dumps(sorted(HEAVY))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stderr) == []
