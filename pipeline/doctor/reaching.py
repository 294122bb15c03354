"""Is there something where a camera should be? A connection is made, and nothing is asked."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.capture.live.stream import is_recording
from pipeline.doctor.findings import failure, ok, warning

if TYPE_CHECKING:
    from pipeline.doctor.findings import Finding

_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
"""What the IANA has registered."""


def reach(subject: str, address: str, timeout_s: float) -> Finding:
    """Connect to the host of a stream; look at a device or file.

    Args:
        subject: of the finding.
        address: without user and password.
        timeout_s: for the connection.
    """
    if "://" in address:
        return _connect(subject, address, timeout_s)
    return _look(subject, Path(address), device=not is_recording(address))


def _connect(subject: str, address: str, timeout_s: float) -> Finding:
    scheme = address.partition("://")[0].lower()
    if scheme not in _PORTS:
        return warning(subject, f"a {scheme} stream cannot be looked at without opening it", "add --open")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or _PORTS[scheme]
    except ValueError:
        host, port = None, 0
    if not host:
        return failure(
            subject,
            "the address names no host and port",
            f"write it as {scheme}://HOST:{_PORTS[scheme]}/PATH",
        )
    try:
        socket.create_connection((host, port), timeout_s).close()
    except socket.gaierror as error:
        return failure(
            subject, f"{host} is not known: {error.strerror}", "correct the name, or give an IP address"
        )
    except TimeoutError:
        remedy = "check power, cable, address, and the firewalls between"
        return failure(subject, f"{host}:{port} did not answer within {timeout_s:g} s", remedy)
    except OSError as error:
        remedy = f"check the address, the port, and that the camera serves {scheme}"
        return failure(subject, f"{host}:{port} cannot be reached: {error.strerror or error}", remedy)
    return ok(subject, f"{host}:{port} answers")


def _look(subject: str, path: Path, *, device: bool) -> Finding:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        remedy = (
            "plug the camera in, and list devices with ls -l /dev/v4l/by-id" if device else "correct the path"
        )
        return failure(subject, f"{path}: {reason}", remedy)
    recording = stat.S_ISREG(mode) or stat.S_ISDIR(mode)  # a folder of images is one too
    if not (stat.S_ISCHR(mode) if device else recording):
        return failure(
            subject, f"{path} is no {'device' if device else 'file or folder'}", "correct the path"
        )
    needed = os.R_OK | os.W_OK if device else os.R_OK  # a camera is told what to send
    if not os.access(path, needed):
        remedy = f"usermod --append --groups video USER, or the unit's drop-in for USB: ls -l {path}"
        return failure(subject, f"{path} may not be opened", remedy if device else f"ls -l {path}")
    return ok(subject, f"{path} is there")
