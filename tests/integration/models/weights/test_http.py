"""Transfers over real sockets: continued, restarted, refused."""

from __future__ import annotations

import random
import socket
from typing import TYPE_CHECKING

import pytest

from models.weights.files import PlaceFailed
from models.weights.http import MAX_FRUITLESS_ATTEMPTS, download
from tests.loopback import Loopback, Served

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = random.Random(0).randbytes(300_000)  # noqa: S311  # any bytes will do
SIZE = len(CONTENT)


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "file.part"


def fetched(url: str, part: Path, size_bytes: int | None = SIZE) -> list[int]:
    seen: list[int] = []
    download(url, part, size_bytes, seen.append)
    return seen


def test_brings_the_whole_file_and_tells_how_far_it_is(loopback: Loopback, part: Path) -> None:
    seen = fetched(loopback.serve("/file", CONTENT), part)
    assert part.read_bytes() == CONTENT
    assert seen[-1] == SIZE
    assert seen == sorted(seen)


def test_continues_from_what_is_there(loopback: Loopback, part: Path) -> None:
    part.write_bytes(CONTENT[:100_000])
    seen = fetched(loopback.serve("/file", CONTENT), part)
    assert part.read_bytes() == CONTENT
    assert loopback.ranges["/file"] == ["bytes=100000-"]
    assert seen[0] == 100_000


def test_asks_for_nothing_when_all_is_there(loopback: Loopback, part: Path) -> None:
    part.write_bytes(CONTENT)
    fetched(loopback.serve("/file", CONTENT), part)
    assert loopback.ranges["/file"] == []


def test_starts_again_when_the_server_ignores_the_range(loopback: Loopback, part: Path) -> None:
    part.write_bytes(b"x" * 100_000)
    fetched(loopback.serve("/file", Served(CONTENT, ranges=False)), part)
    assert part.read_bytes() == CONTENT


def test_starts_again_when_the_part_is_too_long(loopback: Loopback, part: Path) -> None:
    part.write_bytes(b"x" * (SIZE + 1))
    fetched(loopback.serve("/file", CONTENT), part)
    assert part.read_bytes() == CONTENT
    assert loopback.ranges["/file"] == [""]


def test_starts_again_when_the_server_cannot_continue(loopback: Loopback, part: Path) -> None:
    part.write_bytes(b"x" * (SIZE + 1))
    fetched(loopback.serve("/file", CONTENT), part, size_bytes=None)
    assert part.read_bytes() == CONTENT
    assert len(loopback.ranges["/file"]) == 2


def test_starts_again_when_another_range_comes(loopback: Loopback, part: Path) -> None:
    part.write_bytes(CONTENT[:1000])
    wrong = Served(CONTENT, headers={"Content-Range": f"bytes 7-{SIZE - 1}/{SIZE}"})
    fetched(loopback.serve("/file", wrong), part)
    assert part.read_bytes() == CONTENT
    assert loopback.ranges["/file"] == ["bytes=1000-", ""]


def test_goes_on_after_every_break_that_brought_something(loopback: Loopback, part: Path) -> None:
    cuts = [40_000] * (MAX_FRUITLESS_ATTEMPTS + 2)
    fetched(loopback.serve("/file", Served(CONTENT, cuts=cuts)), part)
    assert part.read_bytes() == CONTENT
    assert loopback.ranges["/file"][-1] == f"bytes={40_000 * (MAX_FRUITLESS_ATTEMPTS + 2)}-"


def test_gives_up_when_breaks_bring_nothing_and_keeps_the_part(loopback: Loopback, part: Path) -> None:
    url = loopback.serve("/file", Served(CONTENT, cuts=[50_000, 0, 0, 0, 0]))
    with pytest.raises(PlaceFailed, match=r"broke off after 50,000 bytes .* 4 times in a row"):
        fetched(url, part)
    assert part.read_bytes() == CONTENT[:50_000]


def test_a_server_that_starts_over_and_breaks_off_cannot_keep_us_in_circles(
    loopback: Loopback, part: Path
) -> None:
    cuts = [10_000, 20_000] * 20
    with pytest.raises(PlaceFailed, match="broke off"):
        fetched(loopback.serve("/file", Served(CONTENT, ranges=False, cuts=cuts)), part)
    assert len(loopback.ranges["/file"]) < 10


def test_asks_again_when_the_server_is_busy(loopback: Loopback, part: Path) -> None:
    fetched(loopback.serve("/file", Served(CONTENT, statuses=[503, 429])), part)
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_final(loopback: Loopback, part: Path, status: int) -> None:
    with pytest.raises(PlaceFailed, match=f"answered {status}"):
        fetched(loopback.serve("/file", Served(CONTENT, statuses=[status] * 9)), part)
    assert len(loopback.ranges["/file"]) == 1


def test_refuses_another_size_before_a_byte_is_written(loopback: Loopback, part: Path) -> None:
    with pytest.raises(PlaceFailed, match="offers a file of 300,000 bytes instead of 299,999"):
        fetched(loopback.serve("/file", CONTENT), part, size_bytes=SIZE - 1)
    assert not part.exists()


def test_refuses_more_bytes_than_the_file_has(loopback: Loopback, part: Path) -> None:
    with pytest.raises(PlaceFailed, match="sends more than the 1,000 bytes"):
        fetched(loopback.serve("/file", Served(CONTENT, length=False)), part, size_bytes=1000)
    assert not part.exists()


def test_goes_on_after_a_break_that_looks_like_the_end(loopback: Loopback, part: Path) -> None:
    """Without an announced size only ours tells that something is missing."""
    fetched(loopback.serve("/file", Served(CONTENT, length=False, cuts=[100_000])), part)
    assert part.read_bytes() == CONTENT
    assert loopback.ranges["/file"] == ["", "bytes=100000-"]


def test_takes_a_file_of_unannounced_size(loopback: Loopback, part: Path) -> None:
    fetched(loopback.serve("/file", Served(CONTENT, length=False)), part, size_bytes=None)
    assert part.read_bytes() == CONTENT


def test_follows_redirects(loopback: Loopback, part: Path) -> None:
    target = loopback.serve("/there", CONTENT)
    fetched(loopback.serve("/here", Served(b"", statuses=[302], headers={"Location": target})), part)
    assert part.read_bytes() == CONTENT


def test_redirects_without_end_are_a_failure(loopback: Loopback, part: Path) -> None:
    url = loopback.serve("/here", Served(b"", statuses=[302] * 99, headers={"Location": "/here"}))
    with pytest.raises(PlaceFailed, match="redirects"):
        fetched(url, part)


def test_a_closed_port_fails_at_once(part: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can take it meanwhile
        with pytest.raises(PlaceFailed, match="cannot be reached"):
            fetched(f"http://127.0.0.1:{taken.getsockname()[1]}/file", part)


def test_goes_through_the_proxy_of_the_environment(
    loopback: Loopback, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback.serve("/file", CONTENT)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{loopback.port}")
    monkeypatch.setenv("NO_PROXY", "")
    fetched("http://weights.invalid/file", part)
    assert part.read_bytes() == CONTENT


def test_a_missing_certificate_bundle_is_named(
    part: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent.pem"))
    with pytest.raises(PlaceFailed, match=r"absent\.pem"):
        fetched("https://weights.invalid/file", part)
