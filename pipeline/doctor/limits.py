"""May the daemon open as many files as it has cameras for?"""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

from pipeline.doctor.findings import ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.doctor.findings import Finding

DESCRIPTORS_PER_CAMERA = 8
"""Board and ring take two each, the event and the line to the reader one each, and a ring that is being replaced two
more: counted in tests/integration/pipeline/doctor/test_limits.py."""
_DESCRIPTORS_OF_THE_REST = 64
"""Standard streams, loop, signals, lock, database, line and board of each device; and who asks for metrics."""


def check_descriptors(cameras: int) -> Iterator[Finding]:
    """The limit of open files is high enough.

    Args:
        cameras: how many the site has.
    """
    needed = cameras * DESCRIPTORS_PER_CAMERA + _DESCRIPTORS_OF_THE_REST
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    found = f"{allowed if allowed != resource.RLIM_INFINITY else 'any number'} allowed, about {needed} needed"
    if allowed == resource.RLIM_INFINITY or allowed >= needed:
        yield ok("open files", found)
    else:
        yield warning(
            "open files", found, f"LimitNOFILE={needed} in a drop-in of the unit, or ulimit -n {needed}"
        )
