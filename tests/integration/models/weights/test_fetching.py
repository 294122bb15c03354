"""Places in order, verified and whole, whatever happens meanwhile."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from config.errors import DiskFull, OutputError
from models.weights.fetching import NoPlaceHasIt, fetch_all
from models.weights.files import RemoteFile
from models.weights.progress import Silent
from models.weights.url import Url
from tests.loopback import Loopback, Served

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = random.Random(1).randbytes(400_000)  # noqa: S311  # any bytes will do
_WAIT_S = 30


def remote(*addresses: str, content: bytes = CONTENT, name: str = "file.weights") -> RemoteFile:
    digest = hashlib.sha256(content).hexdigest()
    return RemoteFile(name, len(content), digest, tuple(Url(address) for address in addresses))


def fetch(file: RemoteFile, folder: Path) -> Path:
    (path,) = fetch_all([file], folder, Silent())
    return path


def child(file: RemoteFile, folder: Path, before: str = "") -> subprocess.Popen[str]:
    """Another process that fetches the same file."""
    addresses = [str(place) for place in file.places]
    program = f"""
from pathlib import Path
from models.weights.fetching import fetch_all
from models.weights.files import RemoteFile
from models.weights.progress import Silent
from models.weights.url import Url
{before}
places = tuple(Url(address) for address in {addresses})
fetch_all([RemoteFile({file.name!r}, {file.size_bytes}, {file.sha256!r}, places)], Path({str(folder)!r}), Silent())
"""
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_takes_the_first_place_that_gives_the_file(loopback: Loopback, tmp_path: Path) -> None:
    wrong = loopback.serve("/wrong", bytes(len(CONTENT)))
    right = loopback.serve("/right", CONTENT)
    unused = loopback.serve("/unused", CONTENT)
    path = fetch(remote(f"{right}-absent", wrong, right, unused), tmp_path / "cache")
    assert path.read_bytes() == CONTENT
    assert loopback.ranges["/unused"] == []


def test_leaves_nothing_but_the_file(loopback: Loopback, tmp_path: Path) -> None:
    broken = loopback.serve("/broken", Served(CONTENT, cuts=[1000, 0, 0, 0, 0]))
    path = fetch(remote(broken, loopback.serve("/file", CONTENT)), tmp_path)
    left = {found.relative_to(tmp_path).as_posix() for found in tmp_path.rglob("*")}
    assert left == {path.name, ".lock", ".partial"}


def test_does_not_fetch_what_is_there(loopback: Loopback, tmp_path: Path) -> None:
    file = remote(loopback.serve("/file", CONTENT))
    fetch(file, tmp_path)
    fetch(file, tmp_path)
    assert len(loopback.ranges["/file"]) == 1


@pytest.mark.parametrize("damage", [CONTENT[:-1], bytes(len(CONTENT)), b""])
def test_replaces_what_is_damaged(loopback: Loopback, tmp_path: Path, damage: bytes) -> None:
    file = remote(loopback.serve("/file", CONTENT))
    (tmp_path / file.name).write_bytes(damage)
    assert fetch(file, tmp_path).read_bytes() == CONTENT


def test_when_all_places_fail_each_is_named_with_its_answer(loopback: Loopback, tmp_path: Path) -> None:
    absent = f"http://127.0.0.1:{loopback.port}/absent"
    wrong = loopback.serve("/wrong", bytes(len(CONTENT)))
    short = loopback.serve("/short", CONTENT[:-1])
    with pytest.raises(NoPlaceHasIt) as failure:
        fetch(remote(absent, wrong, short), tmp_path)
    answers = failure.value.answers
    assert answers[0] == f"{absent}: answered 404 Not Found"
    assert answers[1].startswith(f"{wrong}: the file has sha256 ")
    assert answers[2] == f"{short}: offers a file of 399,999 bytes instead of 400,000"
    assert not (tmp_path / "file.weights").exists()


def test_a_failure_leaves_the_old_file_alone(loopback: Loopback, tmp_path: Path) -> None:
    file = remote(f"http://127.0.0.1:{loopback.port}/absent")
    (tmp_path / file.name).write_bytes(b"old")
    with pytest.raises(NoPlaceHasIt):
        fetch(file, tmp_path)
    assert (tmp_path / file.name).read_bytes() == b"old"


def test_a_replaced_file_changes_as_a_whole(loopback: Loopback, tmp_path: Path) -> None:
    """Whoever reads the old file meanwhile reads it to its end."""
    file = remote(loopback.serve("/file", CONTENT))
    (tmp_path / file.name).write_bytes(b"old")
    with (tmp_path / file.name).open("rb") as reader:
        assert fetch(file, tmp_path).read_bytes() == CONTENT
        assert reader.read() == b"old"


def test_the_next_attempt_goes_on_where_all_places_broke_off(loopback: Loopback, tmp_path: Path) -> None:
    served = Served(CONTENT, cuts=[1000, 0, 0, 0, 0])
    file = remote(loopback.serve("/file", served))
    with pytest.raises(NoPlaceHasIt, match=r"no place gave file\.weights"):
        fetch(file, tmp_path)
    served.cuts.clear()
    assert fetch(file, tmp_path).read_bytes() == CONTENT
    assert loopback.ranges["/file"][-1] == "bytes=1000-"


def test_two_processes_fetch_once(loopback: Loopback, tmp_path: Path) -> None:
    file = remote(loopback.serve("/file", Served(CONTENT, chunk_delay_s=0.02)))
    both = [child(file, tmp_path) for _ in range(2)]
    for one in both:
        _, complaint = one.communicate(timeout=_WAIT_S)
        assert one.returncode == 0, complaint
    assert (tmp_path / file.name).read_bytes() == CONTENT
    assert loopback.ranges["/file"] == [""]


def test_a_killed_process_is_continued(loopback: Loopback, tmp_path: Path) -> None:
    served = Served(CONTENT, chunk_delay_s=0.1)
    file = remote(loopback.serve("/file", served))
    killed = child(file, tmp_path)
    deadline = time.monotonic() + _WAIT_S
    while not any(part.stat().st_size > 0 for part in (tmp_path / ".partial").glob("*.part")):
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.01)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert not (tmp_path / file.name).exists()
    served.chunk_delay_s = 0
    assert fetch(file, tmp_path).read_bytes() == CONTENT
    assert loopback.ranges["/file"][-1].startswith("bytes=")


def test_a_file_larger_than_the_disk_is_refused_before_it_is_fetched(
    loopback: Loopback, tmp_path: Path
) -> None:
    file = RemoteFile("file", 10**18, "0" * 64, (Url(loopback.serve("/file", CONTENT)),))
    with pytest.raises(DiskFull, match="needs 1,000,000,000,000,000,000 bytes"):
        fetch(file, tmp_path)
    assert loopback.ranges["/file"] == []


def test_a_disk_that_fills_up_is_a_clear_error(loopback: Loopback, tmp_path: Path) -> None:
    file = remote(loopback.serve("/file", CONTENT))
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    limited = child(file, tmp_path, before=limit)
    _, complaint = limited.communicate(timeout=_WAIT_S)
    assert "DiskFull: no space left in" in complaint
    assert "SITEWATCH_CACHE" in complaint
    assert not (tmp_path / file.name).exists()


def test_a_folder_that_cannot_be_made_is_a_clear_error(loopback: Loopback, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"cannot write into .*SITEWATCH_CACHE"):
        fetch(remote(loopback.serve("/file", CONTENT)), tmp_path / "file" / "cache")
