"""The cache of converted networks holds the latest used, whatever several processes do to it at once."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import openvino

from models.runtime.conversion_cache import MAX_NETWORKS, keep_network, kept_network

if TYPE_CHECKING:
    from pathlib import Path

_PROCESSES, _NETWORKS_EACH = 3, 12
_WAIT_S = 120


def _network(value: float) -> openvino.Model:
    """A network that adds ``value``."""
    given = openvino.opset13.parameter([2], np.float32)
    total = openvino.opset13.add(given, openvino.opset13.constant(np.full(2, value, np.float32)))
    return openvino.Model([total], [given])


def _value(description: Path) -> float:
    compiled = openvino.Core().compile_model(str(description), "CPU")
    return float(compiled([np.zeros(2, np.float32)])[0][0])


def _aged(key: str, seconds_ago: int) -> None:
    description = kept_network(key)
    assert description is not None
    then = description.parent.stat().st_mtime - seconds_ago
    os.utime(description.parent, (then, then))


def test_what_was_not_used_for_longest_goes(cache: Path) -> None:
    for number in range(MAX_NETWORKS):
        keep_network(f"network {number}", _network(number))
        _aged(f"network {number}", 1000 - number)
    assert kept_network("network 0") is not None  # used again
    keep_network("one more", _network(5))
    assert kept_network("network 1") is None
    assert [number for number in range(MAX_NETWORKS) if not kept_network(f"network {number}")] == [1]
    assert len(list((cache / "openvino").iterdir())) == MAX_NETWORKS


def test_what_a_killed_process_left_goes_too(cache: Path) -> None:
    left = cache / "openvino" / "tmp_of_a_killed_process"
    (left / "ir").mkdir(parents=True)
    os.utime(left, (0, 0))
    for number in range(MAX_NETWORKS):
        keep_network(f"network {number}", _network(number))
    assert not left.exists()


def test_a_network_kept_again_replaces_the_old_one(cache: Path) -> None:
    keep_network("network", _network(1))
    keep_network("network", _network(2))
    description = kept_network("network")
    assert description is not None
    assert _value(description) == 2
    assert len(list((cache / "openvino").iterdir())) == 1


def test_processes_that_keep_and_drop_at_once_leave_whole_networks(cache: Path) -> None:
    program = f"""
import sys
from models.runtime.conversion import openvino_core
from models.runtime.conversion_cache import keep_network, kept_network
from tests.integration.models.runtime.test_conversion_cache import _network
for number in range({_NETWORKS_EACH}):
    keep_network(f"{{sys.argv[1]}} {{number}}", _network(number))
    keep_network("shared", _network(7))
    kept = kept_network("shared")
    if kept is not None:
        try:
            openvino_core().read_model(kept)
        except RuntimeError:
            pass  # dropped meanwhile: it would be converted again
"""
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(name)], stderr=subprocess.PIPE, text=True)
        for name in range(_PROCESSES)
    ]
    for one in running:
        _, complaint = one.communicate(timeout=_WAIT_S)
        assert one.returncode == 0, complaint
    entries = list((cache / "openvino").iterdir())
    assert len(entries) == MAX_NETWORKS
    for entry in entries:
        _value(entry / "network.xml")
