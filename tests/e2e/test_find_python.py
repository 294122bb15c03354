"""Which Python `make demo` and `make test` set up with, or what they say is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parents[2] / "scripts" / "find-python"


def _find(folder: Path, named: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the script where ``folder`` is all that the PATH holds."""
    bash = shutil.which("bash")
    assert bash, "the Makefile needs bash"
    variables = {"PATH": str(folder)} | ({} if named is None else {"PYTHON": named})
    return subprocess.run([bash, _SCRIPT], env=variables, capture_output=True, text=True, check=False)


def _old_python(folder: Path, name: str = "python3") -> Path:
    """A program that answers the question for the version as Python 3.10 does."""
    program = folder / name
    program.write_text("#!/bin/sh\necho 3.10.13\nexit 1\n")
    program.chmod(0o755)
    return program


def _this_python(folder: Path, name: str) -> Path:
    program = folder / name
    program.symlink_to(sys.executable)
    return program


@pytest.mark.parametrize("name", ["python3.11", "python3.13", "python3"])
def test_finds_a_python_on_the_path(tmp_path: Path, name: str) -> None:
    there = _this_python(tmp_path, name)
    assert _find(tmp_path).stdout == f"{there}\n"


def test_passes_over_an_older_python(tmp_path: Path) -> None:
    _old_python(tmp_path, "python3.11")
    there = _this_python(tmp_path, "python3.12")
    assert _find(tmp_path).stdout == f"{there}\n"


def test_a_named_python_comes_first(tmp_path: Path) -> None:
    _this_python(tmp_path, "python3.11")
    there = _this_python(tmp_path, "another")
    assert _find(tmp_path, named=str(there)).stdout == f"{there}\n"


def test_takes_no_other_for_a_named_python_that_is_too_old(tmp_path: Path) -> None:
    _this_python(tmp_path, "python3.11")
    old = _old_python(tmp_path, "python3.10")
    found = _find(tmp_path, named=str(old))
    assert found.returncode == 1
    assert found.stdout == ""
    assert f"No Python >= 3.11 found ({old} is Python 3.10.13)" in found.stderr


def test_takes_no_other_for_a_named_python_that_does_not_run(tmp_path: Path) -> None:
    _this_python(tmp_path, "python3.11")
    found = _find(tmp_path, named="python3.12")
    assert found.returncode == 1
    assert found.stderr == "PYTHON=python3.12 does not run here: name a Python >= 3.11 by its path\n"


def test_says_what_is_missing(tmp_path: Path) -> None:
    assert "No Python >= 3.11 found: install one" in _find(tmp_path).stderr
    _old_python(tmp_path)
    assert "No Python >= 3.11 found (python3 is Python 3.10.13): install one" in _find(tmp_path).stderr
