"""Media time of every frame, on disk: the second look needs the times of frames in which nobody was seen."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from config.errors import DiskFull
from pipeline.clock import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        with _full_disk():
            self._file.write(stamp)
        self._count += 1

    def between(self, first: int, last: int) -> NDArray[np.int64]:
        """Microseconds since 1970-01-01 UTC of the frames from index ``first`` to ``last``, both included."""
        with _full_disk():  # what is still in the buffer goes out first
            self._file.seek(first * _BYTES)
        data = self._file.read((last - first + 1) * _BYTES)
        self._file.seek(0, 2)
        return np.frombuffer(data, "<i8").astype(np.int64)


@contextmanager
def _full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskFull(
            f"{tempfile.gettempdir()} takes no temporary file ({error.strerror}): free some space, or set TMPDIR"
        ) from error


def as_datetime(time_us: int) -> datetime:
    """UTC time of so many microseconds since 1970-01-01."""
    return EPOCH + timedelta(microseconds=time_us)
