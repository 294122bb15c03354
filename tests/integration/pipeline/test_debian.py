"""A file out of a Debian package, from a repository in a folder, by the machine's own apt."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from models.weights.fetching import NoPlaceHasIt, fetch_all
from models.weights.files import RemoteFile
from models.weights.progress import Silent
from pipeline.debian import DebianPackage
from tests.absent import absent

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"a clip" * 1000
PACKAGE = "sitewatch-test-clip"
MEMBER = "./usr/share/clips/clip.avi"


@pytest.fixture(autouse=True)
def _debian() -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        absent("no Debian system: apt-get is missing")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one package that apt knows and has no lists of."""
    folder, tree = tmp_path / "repository", tmp_path / "tree"
    folder.mkdir()
    clip = tree / MEMBER
    clip.parent.mkdir(parents=True)
    clip.write_bytes(CONTENT)
    control = (
        f"Package: {PACKAGE}\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody\nDescription: a clip\n"
    )
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(control)
    archive = folder / f"{PACKAGE}_1.0_all.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", tree, archive], check=True, capture_output=True
    )
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    listing = f"{control}Filename: ./{archive.name}\nSize: {archive.stat().st_size}\nSHA256: {digest}\n"
    (folder / "Packages").write_text(listing)
    state = tmp_path / "apt"
    for made in ("lists/partial", "cache/archives/partial", "parts"):
        (state / made).mkdir(parents=True)
    (state / "sources.list").write_text(f"deb [trusted=yes] file:{folder} ./\n")
    settings = {
        "Dir::Etc::SourceList": state / "sources.list",
        "Dir::Etc::SourceParts": state / "parts",
        "Dir::State::Lists": state / "lists",
        "Dir::Cache": state / "cache",
        "APT::Sandbox::User": "root",
    }
    configuration = state / "apt.conf"
    configuration.write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()))
    monkeypatch.setenv("APT_CONFIG", str(configuration))
    return folder


def remote(member: str = MEMBER, content: bytes = CONTENT, package: str = PACKAGE) -> RemoteFile:
    digest = hashlib.sha256(content).hexdigest()
    return RemoteFile("clip.avi", len(content), digest, (DebianPackage(package, member),))


def test_fetches_the_member_without_lists_and_leaves_nothing_else(repository: Path, tmp_path: Path) -> None:
    assert repository.is_dir()
    folder = tmp_path / "footage"
    (path,) = fetch_all([remote()], folder, Silent())
    assert path.read_bytes() == CONTENT
    assert {found.name for found in folder.rglob("*")} == {"clip.avi", ".lock", ".partial"}


def test_another_member_is_refused(repository: Path, tmp_path: Path) -> None:
    assert repository.is_dir()
    with pytest.raises(NoPlaceHasIt) as absent:
        fetch_all([remote(member="./usr/share/clips/other.avi")], tmp_path / "footage", Silent())
    assert "no member" in absent.value.answers[0]
    with pytest.raises(NoPlaceHasIt) as changed:
        fetch_all([remote(content=b"b clip" * 1000)], tmp_path / "footage", Silent())
    assert "has sha256" in changed.value.answers[0]


def test_an_unknown_package_says_what_apt_said(repository: Path, tmp_path: Path) -> None:
    assert repository.is_dir()
    with pytest.raises(NoPlaceHasIt, match=r"clip\.avi") as failure:
        fetch_all([remote(package="sitewatch-no-such-package")], tmp_path / "footage", Silent())
    assert "Unable to locate package sitewatch-no-such-package" in failure.value.answers[0]
