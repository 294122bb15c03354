"""Media time of every frame, on disk: the second look needs the times of frames in which nobody was seen."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from pipeline.clock import EPOCH
from pipeline.replay.temporary_files import full_disk_is_told

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BYTES = 8
_MICROSECOND = timedelta(microseconds=1)


class FrameTimes:
    """Grows by eight bytes a frame in a nameless temporary file, so that memory does not grow with the recording."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="sitewatch-")  # noqa: SIM115  closed by close()
        self._count = 0

    def close(self) -> None:
        """Give the disk space back."""
        with suppress(OSError):  # a full disk has been told of already
            self._file.close()

    def __len__(self) -> int:
        return self._count

    def append(self, captured_at: datetime) -> None:
        """Note the time of the next frame.

        Raises:
            DiskFull: no space left for temporary files.
        """
        stamp = ((captured_at - EPOCH) // _MICROSECOND).to_bytes(_BYTES, "little", signed=True)
        with full_disk_is_told():
            self._file.write(stamp)
        self._count += 1

    def between(self, first: int, last: int) -> NDArray[np.int64]:
        """Microseconds since 1970-01-01 UTC of the frames from index ``first`` to ``last``, both included."""
        with full_disk_is_told():  # what is still in the buffer goes out first
            self._file.seek(first * _BYTES)
        data = self._file.read((last - first + 1) * _BYTES)
        self._file.seek(0, 2)
        return np.frombuffer(data, "<i8").astype(np.int64)


def as_datetime(time_us: int) -> datetime:
    """UTC time of so many microseconds since 1970-01-01."""
    return EPOCH + timedelta(microseconds=time_us)
