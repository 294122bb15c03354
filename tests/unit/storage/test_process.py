"""A process is told from a later one of the same number."""

from __future__ import annotations

import subprocess
import sys

from storage.process import identity, is_alive


def test_this_process_lives() -> None:
    assert is_alive(identity())


def test_process_that_ended_does_not() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    named = identity(child.pid)
    assert is_alive(named)
    child.communicate(b"\n")
    assert not is_alive(named)


def test_number_that_was_used_again_is_another_process() -> None:
    pid, _, rest = identity().partition("/")
    assert not is_alive(f"{pid}/1{rest}")
    assert not is_alive("")
