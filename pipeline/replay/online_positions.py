"""What a live daemon would have said at the time, kept for its score: the second look rewrites the database."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from pipeline.motchallenge import MotTable
from pipeline.replay.temporary_files import full_disk_is_told
from pipeline.tracking.tracks import TrackState

if TYPE_CHECKING:
    from pipeline.tracking.tracks import Tracks

_ROW = np.dtype([("frame", "<i8"), ("id", "<i8"), ("xyxy", "<f4", 4), ("score", "<f4")])


class OnlinePositions:
    """Grows by 36 bytes a position in a nameless temporary file."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="sitewatch-")  # noqa: SIM115  closed by close()

    def close(self) -> None:
        """Give the disk space back."""
        with suppress(OSError):  # a full disk has been told of already
            self._file.close()

    def append(self, frame_index: int, tracks: Tracks) -> None:
        """Note the tracks that are believed in the next frame.

        Raises:
            DiskFull: no space left for temporary files.
        """
        believed = tracks.state == TrackState.CONFIRMED
        rows = np.empty(int(believed.sum()), _ROW)
        rows["frame"] = frame_index + 1
        rows["id"] = tracks.id[believed]
        rows["xyxy"] = tracks.xyxy[believed]
        rows["score"] = tracks.confidence[believed]
        with full_disk_is_told():
            self._file.write(rows.tobytes())

    def table(self) -> MotTable:
        """All positions, with pixels as exact as in a file of results; frame n is the picture of index n - 1.

        Raises:
            DiskFull: no space left for temporary files.
        """
        with full_disk_is_told():  # what is still in the buffer goes out first
            self._file.seek(0)
        rows = np.frombuffer(self._file.read(), _ROW)
        self._file.seek(0, 2)
        return MotTable.of_results(
            rows["frame"], rows["id"], rows["xyxy"].astype(np.float64).round(2), rows["score"]
        )
