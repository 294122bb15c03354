"""What a reader process says about itself, where it stays readable after the process was killed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.ring.segment import SharedSegment

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ReaderActivity(IntEnum):
    """What a reader is doing."""

    STARTING = 0
    OPENING = 1
    STREAMING = 2
    WAITING = 3
    """The camera cannot be had: until the next try."""
    FINISHED = 4
    """The recording is at its end."""


@dataclass(frozen=True, slots=True)
class ReaderCounts:
    """What became of a camera's frames inside the reader, since the camera was declared.

    Attributes:
        captured: frames that were decoded.
        published: of those, frames that were put into the ring.
        rate_limited: of those, frames beyond the camera's ``max_rate_hz``.
        static: of those, frames of a still scene.
        damaged: packets that could not be decoded; they were never captured.
        corrupt: frames that the decoder gave but marked as damaged.
        connections: how often the camera was opened.
        timestamp_jumps: how often its time stamps did not belong to those before.
        size_changes: how often the size of its picture changed.
    """

    captured: int = 0
    published: int = 0
    rate_limited: int = 0
    static: int = 0
    damaged: int = 0
    corrupt: int = 0
    connections: int = 0
    timestamp_jumps: int = 0
    size_changes: int = 0


_COLUMN = {field.name: column for column, field in enumerate(fields(ReaderCounts))}
_LAYOUT = np.dtype(
    [
        ("heartbeat_ns", np.int64),
        ("progress_ns", np.int64),
        ("activity", np.int64),
        ("version", np.int64),
        ("blocks", np.int64, (2, len(_COLUMN))),
    ]
)


class ReaderBoard:
    """Counts, heartbeat and activity of one reader, in shared memory.

    The counts are there twice. A change is written beside the block that holds, and one store of a single word makes
    it hold: a reader that is killed in the middle has either counted a frame everywhere or nowhere.

    Attributes:
        segment: to hand to the reader process; its lock also guards the camera's ring.
    """

    def __init__(self, segment: SharedSegment) -> None:
        self.segment = segment
        self._words: NDArray[Any] = np.frombuffer(segment.memory, _LAYOUT, 1)
        self._blocks: NDArray[Any] = self._words["blocks"][0]

    @classmethod
    def create(cls, counts: ReaderCounts | None = None) -> ReaderBoard:
        """A board with these counts, or all at zero.

        Raises:
            SharedMemoryFull: not even a page is left.
        """
        board = cls(SharedSegment.create(_LAYOUT.itemsize, "the board of a camera"))
        if counts is not None:
            board.count(**asdict(counts))
        return board

    def close(self) -> None:
        """Let go of the memory."""
        del self._words, self._blocks
        self.segment.close()

    def count(self, **changes: int) -> None:
        """Add to some of the counts, all at once. Only the reader calls this, holding the lock if others look on.

        Args:
            changes: names of :class:`ReaderCounts`, and by how much each rises.
        """
        version = int(self._words["version"][0])
        after = self._blocks[(version + 1) & 1]
        after[:] = self._blocks[version & 1]
        for name, more in changes.items():
            after[_COLUMN[name]] += more
        self._words["version"][0] = version + 1  # from here on it holds

    def counts(self) -> ReaderCounts:
        """The counts that hold."""
        return ReaderCounts(*self._blocks[int(self._words["version"][0]) & 1].tolist())

    @property
    def published(self) -> int:
        """How many frames were put into the ring; as in :meth:`counts`."""
        return int(self._blocks[int(self._words["version"][0]) & 1, _COLUMN["published"]])

    def beat(self, now_ns: int) -> None:
        """The reader process lives."""
        self._words["heartbeat_ns"][0] = now_ns

    def progress(self, now_ns: int) -> None:
        """FFmpeg gave control back."""
        self._words["progress_ns"][0] = now_ns

    @property
    def heartbeat_ns(self) -> int:
        """Monotonic time of the latest sign of life; 0 for none yet."""
        return int(self._words["heartbeat_ns"][0])

    @property
    def progress_ns(self) -> int:
        """Monotonic time at which FFmpeg last gave control back; 0 for none yet."""
        return int(self._words["progress_ns"][0])

    @property
    def activity(self) -> ReaderActivity:
        """What the reader is doing."""
        return ReaderActivity(int(self._words["activity"][0]))

    @activity.setter
    def activity(self, activity: ReaderActivity) -> None:
        self._words["activity"][0] = int(activity)

    def begin_anew(self, now_ns: int) -> None:
        """A new process takes the place of one that ended: counts stay, signs of life do not."""
        self.activity = ReaderActivity.STARTING
        self.beat(now_ns)
        self.progress(now_ns)
