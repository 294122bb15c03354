"""An HTTP server on the loopback interface that can be told to misbehave."""

from __future__ import annotations

import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Served:
    """One file, and how the server behaves when it is asked for it.

    Attributes:
        content: what it holds.
        ranges: whether a Range header is honoured.
        cuts: the connection breaks after so many bytes, one for each request until they are used up.
        statuses: answers instead of the content, one for each request until they are used up.
        headers: replace the ones that fit.
        length: whether the size is announced.
        chunk_delay_s: pause between pieces of 16 KiB.
    """

    content: bytes
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    length: bool = True
    chunk_delay_s: float = 0.0


class Loopback:
    """A running server.

    Attributes:
        files: path, such as ``/file``, to what is served there.
        ranges: the Range header of each request so far ("" for none), by path.
        authorizations: the Authorization header of each request that had one.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.files: dict[str, Served] = {}
        self.ranges: dict[str, list[str]] = {}
        self.authorizations: list[str] = []

    def serve(self, path: str, served: Served | bytes) -> str:
        """Serve something; returns its address."""
        self.files[path] = served if isinstance(served, Served) else Served(served)
        self.ranges[path] = []
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def running() -> Iterator[Loopback]:
    """A server for the length of the block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        loopback = Loopback(server.server_address[1])
        _Handler.sites[server.server_address[1]] = loopback
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield loopback
        finally:
            server.shutdown()
            thread.join()
            del _Handler.sites[server.server_address[1]]


class _Handler(BaseHTTPRequestHandler):
    sites: ClassVar[dict[int, Loopback]] = {}

    def do_GET(self) -> None:
        site = self.sites[self.connection.getsockname()[1]]
        path = re.sub(r"^http://[^/]+", "", self.path)  # a proxy is asked for the whole address
        served = site.files.get(path)
        if "Authorization" in self.headers:
            site.authorizations.append(self.headers["Authorization"])
        if served is None:
            self.send_error(404)
            return
        site.ranges[path].append(self.headers.get("Range", ""))
        if served.statuses:
            self._answer(served.statuses.pop(0), b"", served)
        else:
            self._send(served)

    def _send(self, served: Served) -> None:
        content, status = served.content, 200
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        extra = {}
        if asked and served.ranges:
            start = int(asked[1])
            if start >= len(content):
                self._answer(416, b"", served)
                return
            extra["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            content, status = content[start:], 206
        self._answer(status, content, served, extra)

    def _answer(
        self, status: int, content: bytes, served: Served, extra: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        headers = {"Content-Length": str(len(content))} if served.length else {"Connection": "close"}
        for name, value in (headers | (extra or {}) | served.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if served.cuts and status < 400:
            content = content[: served.cuts.pop(0)]
            self.close_connection = True
        try:
            for start in range(0, len(content), 1 << 14):
                self.wfile.write(content[start : start + (1 << 14)])
                time.sleep(served.chunk_delay_s)
        except (BrokenPipeError, ConnectionResetError):  # the client has seen enough
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep the test output clean."""
