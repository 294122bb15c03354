"""Only the bytes that were there at opening."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from config.errors import InputNotFound, NotARegularFile
from pipeline.capture.snapshot import Snapshot

if TYPE_CHECKING:
    from pathlib import Path


def test_reads_no_byte_more(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    with Snapshot(path) as snapshot:
        with path.open("ab") as file:
            file.write(b"later")
        assert snapshot.has_grown()
        assert snapshot.read(4) == b"0123"
        assert snapshot.tell() == 4
        assert snapshot.read() == b"456789"
        assert snapshot.read(1) == b""
        assert snapshot.seek(-1, io.SEEK_END) == 9
        assert snapshot.read(5) == b"9"
        assert snapshot.seek(-2, io.SEEK_CUR) == 8
        assert snapshot.seek(100) == 100
        assert snapshot.read(1) == b""
        with pytest.raises(ValueError, match="cannot seek to byte -1"):
            snapshot.seek(-1)


def test_outlives_the_name(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    with Snapshot(path) as snapshot:
        path.unlink()
        assert snapshot.read() == b"0123456789"
        assert not snapshot.has_grown()


def test_folders_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(NotARegularFile, match="is a folder"):
        Snapshot(tmp_path)
    with pytest.raises(InputNotFound):
        Snapshot(tmp_path / "file" / "below")
