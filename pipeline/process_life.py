"""Child processes that cannot outlive the daemon."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(parent: int) -> None:
    """Be killed when the process that started this one ends, however it ends; call it first of all.

    The kernel sends the signal when the *thread* that started the child ends: the daemon starts children from its main
    thread only.

    Args:
        parent: process id of the one that started this one.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel was asked
        sys.exit(1)
