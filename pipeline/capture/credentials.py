"""User and password of a camera: read from where the configuration points, put into its address, kept out of messages."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from config.errors import ConfigError
from config.masking import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WITH_PASSWORD = frozenset({"rtsp", "rtsps", "http", "https"})
_LARGEST_BYTES = 4096
"""FFmpeg has room for 1,024 characters (``auth`` in libavformat/http.c and rtsp.c); a larger file is another one."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password of a camera; neither is shown.

    Attributes:
        user: without a colon, which ends it in every scheme of authentication.
        password: may be empty, as some cameras have it.
    """

    user: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, str]:
        """What :func:`redacted` has to find."""
        return self.user, self.password


def resolve_credentials(reference: str, environment: Mapping[str, str]) -> Credentials:
    """User and password that a camera's ``credentials`` points to.

    Args:
        reference: ``env:VARIABLE``, ``file:PATH``, or ``systemd:NAME`` for a credential that the unit loads. What it points
            to holds ``user:password``; a newline at the end is ignored.
        environment: for the variable, and for ``CREDENTIALS_DIRECTORY``, where systemd puts credentials.

    Raises:
        ConfigError: nothing is there, it may not be read, others may read it too, or it is not ``user:password``.
    """
    kind, _, name = reference.partition(":")
    sources = {"env": _from_variable, "file": _from_file, "systemd": _from_service_manager}
    if kind not in sources:
        raise ConfigError("credentials: give env:VARIABLE, file:PATH or systemd:NAME")
    return _parsed(sources[kind](name, environment), reference)


def with_credentials(address: str, credentials: Credentials) -> str:
    """An address that opens the camera: ``rtsp://user:password@camera/1``, percent-encoded.

    Raises:
        ConfigError: the address takes no user and password, or holds some already.
    """
    scheme, separator, rest = address.partition("://")
    if not separator or scheme.lower() not in _WITH_PASSWORD:
        raise ConfigError(
            "credentials: only rtsp://, rtsps://, http:// and https:// take a user and password: remove credentials"
        )
    if "@" in re.split(r"[/?#]", rest, maxsplit=1)[0]:
        raise ConfigError("credentials: the address holds a user already: remove it there")
    user, password = (quote(secret, safe="") for secret in credentials.secrets)
    return f"{scheme}://{user}:{password}@{rest}"


def redacted(text: str, secrets: Iterable[str]) -> str:
    """A text without secrets: each is masked, plain, percent-encoded, or partly so.

    A secret of nothing but asterisks cannot be told from the mask and stays.
    """
    told = sorted({secret for secret in secrets if secret.strip("*")}, key=len, reverse=True)
    if not told:
        return text
    pattern = re.compile("|".join("".join(map(_spellings, secret)) for secret in told))
    # Again until nothing is found: what stands around a mask may make a secret together with it. It ends, since each
    # mask takes a character away that is no asterisk.
    while (clean := pattern.sub(MASK, text)) != text:
        text = clean
    return text


def _spellings(character: str) -> str:
    """Pattern of a character as it is, or as an address encodes it."""
    encoded = "".join(f"%{byte:02x}" for byte in character.encode(errors="surrogatepass"))
    plus = r"|\+" if character == " " else ""
    return f"(?:{re.escape(character)}|(?i:{encoded}){plus})"


def _from_variable(name: str, environment: Mapping[str, str]) -> str:
    if not _VARIABLE.fullmatch(name):
        # Not repeated in the message: it may be the password itself.
        raise ConfigError("credentials: env: wants the name of a variable behind it, such as env:DOCK_CAMERA")
    if name not in environment:
        raise ConfigError(f"credentials: the variable {name} is not set: set it to user:password")
    return environment[name]


def _from_service_manager(name: str, environment: Mapping[str, str]) -> str:
    if not _NAME.fullmatch(name):
        raise ConfigError(
            "credentials: systemd: wants the name of a credential behind it, such as systemd:dock"
        )
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise ConfigError(
            f"credentials: systemd:{name} is there only for the service: start it with systemctl, and name the file in "
            f"the unit: LoadCredential={name}:/etc/sitewatch/credentials/{name}"
        )
    path = Path(folder, name)
    if not os.access(path, os.F_OK):
        raise ConfigError(
            f"credentials: the service has no credential {name}: add LoadCredential={name}:/etc/sitewatch/credentials/{name} "
            "to it, then systemctl daemon-reload and restart it"
        )
    return _read(path, private=True)


def _from_file(name: str, environment: Mapping[str, str]) -> str:
    path = Path(name).expanduser()
    folder = environment.get("CREDENTIALS_DIRECTORY")
    return _read(path, private=bool(folder) and path.resolve().is_relative_to(Path(folder or "").resolve()))


def _read(path: Path, *, private: bool) -> str:
    """Content of a file.

    Args:
        path: of the file.
        private: systemd keeps it from others, whatever its mode says.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe would make it wait
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise ConfigError(
            f"credentials: {path} cannot be read: {reason}; it must be there and belong to the user that runs sitewatch"
        ) from None
    try:
        _refuse_unsafe(path, os.fstat(fd).st_mode, private=private)
        content = os.read(fd, _LARGEST_BYTES + 1)
    finally:
        os.close(fd)
    if len(content) > _LARGEST_BYTES:
        raise ConfigError(
            f"credentials: {path} is far too large: it should hold user:password and nothing else"
        )
    return content.decode(errors="surrogateescape")


def _refuse_unsafe(path: Path, mode: int, *, private: bool) -> None:
    if not stat.S_ISREG(mode):
        raise ConfigError(f"credentials: {path} is not a file: give one that holds user:password")
    if mode & 0o077 and not private:
        raise ConfigError(f"credentials: {path} is open to others than its owner: run chmod 600 {path}")


def _parsed(content: str, reference: str) -> Credentials:
    line = content.removesuffix("\n").removesuffix("\r")
    user, colon, password = line.partition(":")
    if not (user and colon):
        raise ConfigError(f"credentials: {reference} should hold user:password, with a colon between them")
    if _CONTROL.search(line):
        raise ConfigError(f"credentials: {reference} should hold user:password in one line, and nothing else")
    try:
        line.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"credentials: {reference} should hold user:password in UTF-8") from None
    return Credentials(user, password)
