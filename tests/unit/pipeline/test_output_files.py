"""Files are whole or not there."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from config.errors import DiskFull, OutputError
from pipeline.output_files import whole_file, write_whole

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_replaces_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write_whole(file, "old")
    write_whole(file, "né\n")
    assert file.read_bytes() == "né\n".encode()
    write_whole(file, b"\x00")
    assert file.read_bytes() == b"\x00"
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    with pytest.raises(OutputError, match=r"taken: cannot be written"):
        write_whole(folder, "x")
    assert list(tmp_path.iterdir()) == [folder]


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "a.json"
    file.write_text("old")
    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(DiskFull, match="no space left"):
        write_whole(file, "x" * 100)
    assert file.read_text() == "old"


@pytest.mark.parametrize("name", ["night.shift.mp4", "notes"])
def test_what_a_killed_process_left_is_removed(tmp_path: Path, name: str) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    file = tmp_path / name
    mine, other = (tmp_path / f".{file.stem}.{text}.part{file.suffix}" for text in (os.getpid(), "draft"))
    abandoned = tmp_path / f".{file.stem}.{ended.pid}.part{file.suffix}"
    of_another_file = tmp_path / f".x{file.stem}.{ended.pid}.part{file.suffix}"
    for part in (mine, other, abandoned, of_another_file):
        part.touch()
    with whole_file(file) as part:
        assert part == mine
        assert set(tmp_path.iterdir()) == {mine, other, of_another_file}
