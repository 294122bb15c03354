"""What systemd expects of this process, where it runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.doctor.findings import ok, warning
from pipeline.service.notify import ServiceNotifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.sections.supervisor import SupervisorSettings
    from pipeline.doctor.findings import Finding

_SUBJECT = "systemd"


def check_service(settings: SupervisorSettings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """If systemd watches, it does so patiently enough."""
    if "NOTIFY_SOCKET" not in environment:
        yield ok(_SUBJECT, "this process is not run by it")
        return
    interval_s = ServiceNotifier.from_environment(environment).watchdog_interval_s
    if interval_s is None:
        yield warning(_SUBJECT, "it does not watch the daemon", "set WatchdogSec= in the unit")
    elif interval_s <= settings.worker_timeout_s:
        yield warning(
            _SUBJECT,
            f"it would kill the daemon after {interval_s:g} s of silence, before a device worker that hangs is found out "
            f"({settings.worker_timeout_s:g} s)",
            "set WatchdogSec= above supervisor.worker_timeout_s",
        )
    else:
        yield ok(_SUBJECT, f"it expects a sign of life every {interval_s:g} s")
