"""A camera that speaks HTTP: pictures one after another, as multipart/x-mixed-replace, and its bad habits."""

from __future__ import annotations

import base64
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import TYPE_CHECKING

import cv2

from tests.footage import scene

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOUNDARY = "picture"


@dataclass
class MjpegCamera:
    """What a server does; may be changed while it runs.

    Attributes:
        rate_hz: pictures a second.
        status: answers with this instead of pictures, unless 200.
        login: ``user:password`` that is asked for (HTTP basic); empty for none.
        flowing: cleared: connections stay open, but nothing comes.
        hang_up: set: connections are closed.
        frozen: set: the same picture is sent again and again.
        port: on the loopback interface.
    """

    rate_hz: float = 10.0
    status: int = 200
    login: str = ""
    flowing: threading.Event = field(default_factory=threading.Event)
    hang_up: threading.Event = field(default_factory=threading.Event)
    frozen: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/video"


@contextmanager
def mjpeg_camera(camera: MjpegCamera | None = None) -> Iterator[MjpegCamera]:
    """A camera for the length of the block."""
    served = camera or MjpegCamera()
    served.flowing.set()

    class Handler(_Handler):
        behaviour = served

    with ThreadingHTTPServer(("127.0.0.1", served.port), Handler) as server:
        served.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield served
        finally:
            served.hang_up.set()
            served.flowing.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    behaviour: MjpegCamera

    def do_GET(self) -> None:
        camera = self.behaviour
        wanted = f"Basic {base64.b64encode(camera.login.encode()).decode()}" if camera.login else None
        if wanted is not None and self.headers.get("Authorization") != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
            return
        if camera.status != 200:
            self.send_error(camera.status)
            return
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
        self.end_headers()
        try:
            self._show()
        except (BrokenPipeError, ConnectionResetError):
            return

    def _show(self) -> None:
        camera = self.behaviour
        _, coded = cv2.imencode(".jpg", scene(0))
        for index in count(1):
            camera.flowing.wait()
            if camera.hang_up.wait(1 / camera.rate_hz):
                return
            if not camera.frozen.is_set():
                _, coded = cv2.imencode(".jpg", scene(index))
            head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(coded)}\r\n\r\n"
            self.wfile.write(head.encode() + coded.tobytes() + b"\r\n")

    def log_message(self, *_: object) -> None:
        """Keep the test output clean."""
