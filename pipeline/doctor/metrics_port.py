"""Is the port of the metrics free, or answered by a daemon of ours?"""

from __future__ import annotations

import errno
import http.client
import socket
from typing import TYPE_CHECKING

from pipeline.doctor.findings import failure, ok, warning

if TYPE_CHECKING:
    from config.sections.metrics import MetricsSettings
    from pipeline.doctor.findings import Finding

_SUBJECT = "metrics port"
_ANSWER_S = 2.0
"""A daemon answers within a tick; who takes longer is another program."""
_LARGEST_BYTES = 1 << 20


def check_metrics_port(settings: MetricsSettings) -> tuple[Finding, bool]:
    """Whether the daemon could listen there, and whether one does already."""
    if settings.port is None:
        return warning(_SUBJECT, "there is none", "set metrics.port: sitewatch status asks there"), False
    if settings.port == 0:
        return warning(_SUBJECT, "any that is free", "set metrics.port: sitewatch status must know it"), False
    where = f"{settings.host}:{settings.port}"
    refusal = _refusal(settings.host, settings.port)
    if refusal is None:
        return ok(_SUBJECT, f"{where} is free"), False
    if refusal.errno != errno.EADDRINUSE:
        remedy = "set metrics.host to an address of this machine, and metrics.port above 1023"
        return failure(_SUBJECT, f"{where} cannot be listened on: {refusal.strerror}", remedy), False
    if _is_sitewatch(settings.host, settings.port):
        return ok(_SUBJECT, f"{where} is answered by a running daemon"), True
    return failure(_SUBJECT, f"another program listens on {where}", "set metrics.port to another"), False


def _refusal(host: str, port: int) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the daemon's server does
            listening.bind(address)
    except OSError as error:
        return error
    return None


def _is_sitewatch(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_S)
    try:
        connection.request("GET", "/metrics")
        return b"sitewatch_" in connection.getresponse().read(_LARGEST_BYTES)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
