"""The port of the metrics: free, ours, another's."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from config.sections.metrics import MetricsSettings
from pipeline.daemon.metrics import DaemonMetrics
from pipeline.daemon.status import SiteStatus
from pipeline.doctor.findings import Outcome
from pipeline.doctor.metrics_port import check_metrics_port

if TYPE_CHECKING:
    from tests.loopback import Loopback


def test_a_port_that_is_free() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    finding, daemon_runs = check_metrics_port(MetricsSettings(port=port))
    assert (finding.outcome, daemon_runs) == (Outcome.OK, False)


def test_a_daemon_that_runs() -> None:
    close, port = DaemonMetrics(SiteStatus).serve(MetricsSettings(port=0))
    try:
        finding, daemon_runs = check_metrics_port(MetricsSettings(port=port))
    finally:
        close()
    assert (finding.outcome, daemon_runs) == (Outcome.OK, True)
    assert "running daemon" in finding.found


def test_another_program(loopback: Loopback) -> None:
    finding, daemon_runs = check_metrics_port(MetricsSettings(port=loopback.port))
    assert (finding.outcome, daemon_runs) == (Outcome.FAILURE, False)
    assert "set metrics.port" in finding.remedy


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_an_address_of_another_machine(host: str) -> None:
    finding, _ = check_metrics_port(MetricsSettings(host=host))
    assert finding.outcome is Outcome.FAILURE
    assert "metrics.host" in finding.remedy


@pytest.mark.parametrize("port", [None, 0])
def test_a_port_that_nobody_knows(port: int | None) -> None:
    assert check_metrics_port(MetricsSettings(port=port))[0].outcome is Outcome.WARNING
