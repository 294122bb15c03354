"""Have the frames of all cameras room in shared memory?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pipeline.daemon.live_camera import ring_slots
from pipeline.doctor.findings import failure, ok
from pipeline.ring.frame_ring import RingLayout
from pipeline.ring.segment import SHARED_MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from config.schema import Settings
    from config.sections.cameras import CameraSettings
    from pipeline.doctor.findings import Finding

_MIB = 1024 * 1024
_ASSUMED_HEIGHT, _ASSUMED_WIDTH = 1080, 1920
"""Of a camera that was not opened."""


def needed_bytes(settings: Settings, sizes: Mapping[str, tuple[int, int]]) -> int:
    """Bytes that the rings of all cameras take.

    Args:
        settings: of the site.
        sizes: height and width in pixels of cameras that were opened, by id; 1080 x 1920 is assumed for others.
    """
    slots = ring_slots(settings)
    return sum(
        RingLayout(*_reduced(camera, *sizes.get(camera.id, (_ASSUMED_HEIGHT, _ASSUMED_WIDTH))), slots).size
        for camera in settings.cameras
    )


def check_shared_memory(
    settings: Settings,
    sizes: Mapping[str, tuple[int, int]],
    *,
    in_use: bool,
    folder: Path = SHARED_MEMORY,
) -> Iterator[Finding]:
    """There is room, beside what others hold.

    Args:
        settings: of the site.
        sizes: as for :func:`needed_bytes`.
        in_use: the daemon runs already and holds its share.
        folder: file system in memory.
    """
    subject = str(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        yield failure(subject, "it is not there or cannot be written", "mount a tmpfs there, mode 1777")
        return
    room = os.statvfs(folder)
    total, free = room.f_frsize * room.f_blocks, room.f_frsize * room.f_bavail
    available, needed = total if in_use else free, needed_bytes(settings, sizes)
    figures = f"{free // _MIB} of {total // _MIB} MiB free"
    if needed <= available:
        yield ok(subject, f"{figures}, the frames of the cameras need {_mib(needed)} MiB")
        return
    large = _mib(needed + total - available)
    yield failure(
        subject,
        f"{figures}, but the frames of the cameras need {_mib(needed)} MiB",
        f"mount -o remount,size={large}m {folder} (with Docker --shm-size), or set cameras.N.max_height_px",
    )


def _reduced(camera: CameraSettings, height: int, width: int) -> tuple[int, int]:
    limit = camera.max_height_px
    return (height, width) if limit is None or height <= limit else (limit, -(-width * limit // height))


def _mib(size: int) -> int:
    return -(-size // _MIB)
