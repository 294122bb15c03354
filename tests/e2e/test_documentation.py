"""Every command in the README and the documentation is run, in order, each document in a folder of its own."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
_CONSOLE_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_UNTESTED_BLOCK = re.compile(r"^```(?:sh|bash|shell)$", re.MULTILINE)
_TIME_LIMIT_S = 300


def commands(document: Path) -> list[str]:
    """Lines behind ``$ `` in the console blocks of a document; a trailing backslash joins lines."""
    blocks = _CONSOLE_BLOCK.findall(document.read_text(encoding="utf-8"))
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line[2:] for line in lines if line.startswith("$ ")]


def shell_environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "COLUMNS": "110"}


@pytest.mark.data
@pytest.mark.weights
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_a_document_work(
    document: Path, tmp_path: Path, data_dir: Path, tiny_weights: Path
) -> None:
    assert data_dir.is_dir()
    assert tiny_weights.is_file()
    for command in commands(document):
        if command.startswith("make "):
            continue  # test_make_commands_exist and .ci/run answer for these
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=tmp_path,
            env=shell_environment(),
            capture_output=True,
            text=True,
            timeout=_TIME_LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, f"{document.name}: {command}\n{done.stdout}\n{done.stderr}"


def test_python_in_documents_imports_what_there_is() -> None:
    blocks = [block for document in DOCUMENTS for block in _PYTHON_BLOCK.findall(document.read_text("utf-8"))]
    assert blocks
    for block in blocks:
        module = ast.parse(block)
        module.body = [node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom)]
        assert module.body
        exec(compile(module, "documentation", "exec"), {})  # noqa: S102 - our own lines


def test_make_commands_exist() -> None:
    make = shutil.which("make")
    assert make is not None
    named = {
        line.split()[1] for document in DOCUMENTS for line in commands(document) if line.startswith("make ")
    }
    assert {"demo", "test"} <= named
    for target in named:
        done = subprocess.run([make, "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_commands_stand_in_console_blocks_only() -> None:
    for document in DOCUMENTS:
        untested = _UNTESTED_BLOCK.findall(document.read_text(encoding="utf-8"))
        assert not untested, (
            f"{document.name}: commands belong into ```console blocks, where the tests find them"
        )
