"""A relay between a client and PostgreSQL that can break off at the worst moment: at a COMMIT."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from enum import Enum, auto
from typing import Self

_PIECE = 1 << 16
_COMMIT = b"COMMIT\0"  # a simple query, as psycopg sends it
_HELD_BACK_S = 0.8


class Cut(Enum):
    """What the client does not learn."""

    REQUEST = auto()
    """The server never hears of the COMMIT, only that its client is gone."""
    ANSWER = auto()
    """The server commits; the answer is lost."""
    LATE = auto()
    """The client is cut off; the server gets the COMMIT only later, and does not know that its client is gone."""


class PostgresqlRelay:
    """Listens on a port of its own."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._planned: list[Cut] = []
        self.done: list[Cut] = []
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(10)
        for one in self._sockets:
            _end(one)
        for thread in self._threads:
            thread.join(10)
        for one in (self._listener, *self._sockets):
            one.close()

    def cut_next_commits(self, *cuts: Cut) -> None:
        """Break off at the next COMMITs, one after the other."""
        self._planned.extend(cuts)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port))
            except ConnectionRefusedError:
                client.close()
                continue
            self._sockets += [client, server]
            cut = threading.Event()
            for pump in (self._pump_requests, self._pump_answers):
                thread = threading.Thread(target=pump, args=(client, server, cut), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pump_requests(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(_PIECE):
                if _COMMIT in data and self._planned:
                    self._cut(self._planned.pop(0), data, client, server, cut)
                    return
                server.sendall(data)
        _end(server)

    def _cut(
        self, how: Cut, data: bytes, client: socket.socket, server: socket.socket, cut: threading.Event
    ) -> None:
        cut.set()
        self.done.append(how)
        if how is Cut.ANSWER:
            server.sendall(data)  # the pump of the answers breaks off when it sees one
            return
        _end(client)
        if how is Cut.LATE:
            threading.Event().wait(_HELD_BACK_S)
            server.sendall(data)
        else:
            _end(server)

    def _pump_answers(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(_PIECE):
                if cut.is_set():
                    break
                client.sendall(data)
        _end(client)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
