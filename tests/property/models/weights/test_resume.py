"""Whatever part is there, and wherever the connection breaks, the file ends up whole."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.weights.files import RemoteFile, sha256_of
from models.weights.http import download
from models.weights.progress import Silent
from models.weights.url import Url
from tests.loopback import Loopback, Served, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    with running() as server:
        yield server


@settings(max_examples=60, deadline=None)
@given(
    content=st.binary(min_size=1, max_size=5000),
    offset=st.integers(0, 6000),
    known=st.booleans(),
    ranges=st.booleans(),
)
def test_any_offset(server: Loopback, content: bytes, offset: int, known: bool, ranges: bool) -> None:
    url = server.serve("/file", Served(content, ranges=ranges))
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, "part")
        part.write_bytes((content + b"more" * 2000)[:offset])
        download(url, part, len(content) if known else None, lambda _: None)
        assert part.read_bytes()[: len(content)] == content
        assert len(part.read_bytes()) == len(content)


@settings(max_examples=8, deadline=None)
@given(content=st.binary(min_size=10, max_size=5000), cuts=st.lists(st.integers(1, 2000), max_size=2))
def test_any_break(server: Loopback, content: bytes, cuts: list[int]) -> None:
    url = server.serve("/file", Served(content, cuts=list(cuts)))
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, "part")
        download(url, part, len(content), lambda _: None)
        assert part.read_bytes() == content


@settings(max_examples=30, deadline=None)
@given(content=st.binary(min_size=2, max_size=3000), stale=st.binary(min_size=1, max_size=3000))
def test_a_part_of_another_file_is_replaced(server: Loopback, content: bytes, stale: bytes) -> None:
    url = Url(server.serve("/file", content))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = folder / "whole"
        whole.write_bytes(content)
        file = RemoteFile("file", len(content), sha256_of(whole), (url,))
        download(url.address, folder / "seed", len(content), lambda _: None)
        first = url.fetch(file, folder, Silent())
        first.write_bytes(stale)  # what an earlier version at this address has left here
        assert url.fetch(file, folder, Silent()).read_bytes() == content
