"""Resumable transfer of one file over HTTP."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING

import httpx
import tenacity

from models.weights.files import PlaceFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONNECT_TIMEOUT_S = 5.0
"""A host that is blocked or asleep must not hold up the next place."""

READ_TIMEOUT_S = 30.0
"""A transfer that gives no byte for so long is cut and continued."""

MAX_FRUITLESS_ATTEMPTS = 4
"""Attempts in a row that bring no new byte, before the place is given up."""

FIRST_PAUSE_S = 0.2
"""Pause before a transfer is continued."""

_RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")


class _Interrupted(Exception):
    """The transfer stopped half-way and may go on."""


def download(url: str, part: Path, size_bytes: int | None, on_bytes: Callable[[int], None]) -> None:
    """Bring ``url`` into ``part``, continuing from what is already there.

    A server that ignores the range sends everything again. The caller verifies the content.

    Args:
        url: HTTP or HTTPS address; credentials in it are used and never shown.
        part: file to complete; kept when the transfer fails.
        size_bytes: exact size if it is known: another size that the server announces is refused at once.
        on_bytes: told the bytes that are there so far.

    Raises:
        PlaceFailed: the server refuses, is not reachable, or keeps breaking off.
        OSError: ``part`` cannot be written.
    """
    with client() as session:
        transfer = _Transfer(session, url, part, size_bytes, on_bytes)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Interrupted),
            stop=transfer.is_fruitless,
            wait=transfer.pause_s,
            reraise=True,
        )
        try:
            retrying(transfer.attempt)
        except _Interrupted as error:
            raise PlaceFailed(f"{error}, {MAX_FRUITLESS_ATTEMPTS} times in a row") from error


def client() -> httpx.Client:
    """A client that follows redirects, honours proxies and a certificate bundle named in the environment."""
    bundle = next((os.environ[name] for name in _CERTIFICATES if os.environ.get(name)), None)
    verify: ssl.SSLContext | bool = True
    if bundle:
        try:
            verify = ssl.create_default_context(cafile=bundle)
        except (OSError, ssl.SSLError) as error:
            raise PlaceFailed(f"the certificate bundle {bundle} cannot be read: {error}") from error
    return httpx.Client(
        verify=verify,
        follow_redirects=True,
        timeout=httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
        headers={"Accept-Encoding": "identity", "User-Agent": "sitewatch"},
    )


class _Transfer:
    """Attempts at one file, and whether the last ones brought anything."""

    def __init__(
        self,
        session: httpx.Client,
        url: str,
        part: Path,
        size_bytes: int | None,
        on_bytes: Callable[[int], None],
    ) -> None:
        self._session = session
        self._url = url
        self._part = part
        self._size = size_bytes
        self._on_bytes = on_bytes
        self._fruitless = 0
        self._most = self._have()

    def is_fruitless(self, _: tenacity.RetryCallState) -> bool:
        return self._fruitless >= MAX_FRUITLESS_ATTEMPTS

    def pause_s(self, _: tenacity.RetryCallState) -> float:
        """Short while bytes come, then twice as long each time."""
        return float(FIRST_PAUSE_S * 2 ** max(0, self._fruitless - 1))

    def attempt(self) -> None:
        before = self._have()
        if self._size is not None and before == self._size:
            return
        if self._size is not None and before > self._size:
            self._part.unlink()
            before = 0
        try:
            self._request(before)
        except httpx.ConnectError as error:
            raise PlaceFailed(f"cannot be reached: {error}") from error
        except httpx.ConnectTimeout as error:
            raise PlaceFailed(f"did not answer within {CONNECT_TIMEOUT_S:.0f} s") from error
        except (httpx.UnsupportedProtocol, httpx.ProxyError) as error:
            raise PlaceFailed(str(error)) from error
        except httpx.TransportError as error:
            self._count()
            raise _Interrupted(f"broke off after {self._have():,} bytes ({type(error).__name__})") from error
        except httpx.RequestError as error:  # redirects without end, content that cannot be decoded
            raise PlaceFailed(str(error)) from error

    def _request(self, have: int) -> None:
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._session.stream("GET", self._url, headers=headers) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and have:
                self._part.unlink()
                self._count()
                raise _Interrupted("cannot continue the part that is here")
            self._refuse_bad_status(response)
            continued = response.status_code == httpx.codes.PARTIAL_CONTENT and _starts_at(response, have)
            if response.status_code == httpx.codes.PARTIAL_CONTENT and not continued:
                self._part.unlink(missing_ok=True)
                self._count()
                raise _Interrupted("sent another range than the one asked for")
            self._receive(response, have if continued else 0)

    def _refuse_bad_status(self, response: httpx.Response) -> None:
        if response.status_code in _RETRY_STATUS:
            self._fruitless += 1
            raise _Interrupted(f"answered {response.status_code} {response.reason_phrase}")
        if not response.is_success:
            raise PlaceFailed(f"answered {response.status_code} {response.reason_phrase}")

    def _receive(self, response: httpx.Response, have: int) -> None:
        announced = None if "Content-Encoding" in response.headers else response.headers.get("Content-Length")
        total = have + int(announced) if announced and announced.isdecimal() else None
        if None not in (total, self._size) and total != self._size:
            raise PlaceFailed(f"offers a file of {total:,} bytes instead of {self._size:,}")
        limit = self._size if self._size is not None else total
        with self._part.open("ab" if have else "wb") as stream:
            self._on_bytes(have)
            for chunk in response.iter_bytes():
                have += len(chunk)
                if limit is not None and have > limit:
                    stream.close()
                    self._part.unlink()
                    raise PlaceFailed(f"sends more than the {limit:,} bytes of the file")
                stream.write(chunk)
                self._on_bytes(have)
        if limit is not None and have < limit:
            raise httpx.RemoteProtocolError(f"{have} of {limit} bytes")

    def _have(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _count(self) -> None:
        """An attempt was fruitful if more is here than ever before: a server cannot keep us in circles."""
        have = self._have()
        self._fruitless = 0 if have > self._most else self._fruitless + 1
        self._most = max(self._most, have)


def _starts_at(response: httpx.Response, offset: int) -> bool:
    return str(response.headers.get("Content-Range", "")).startswith(f"bytes {offset}-")
