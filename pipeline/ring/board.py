"""What a child process says about itself, where it stays readable after the process was killed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import IntEnum
from typing import TYPE_CHECKING

from pipeline.ring.segment import SharedSegment

if TYPE_CHECKING:
    from typing import Self


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
_HEARTBEAT, _PROGRESS, _ACTIVITY, _VERSION, _BLOCKS = range(5)
"""Where the words lie; two blocks of counts follow the version of a reader's board."""
_WORD_BYTES = 8


class ProcessBoard:
    """Signs of life of one process, in shared memory.

    Args:
        segment: to hand to the process.
    """

    _WORDS = _ACTIVITY
    """How many there are."""

    def __init__(self, segment: SharedSegment) -> None:
        self.segment = segment
        # A view of plain words: to read or write one takes NumPy's records several times as long.
        self._bytes = memoryview(segment.memory)[: self._WORDS * _WORD_BYTES]
        self._words = self._bytes.cast("q")

    @classmethod
    def create(cls) -> Self:
        """A board without a sign of life.

        Raises:
            SharedMemoryFull: not even a page is left.
        """
        return cls(SharedSegment.create(cls._WORDS * _WORD_BYTES, "the board of a process"))

    def close(self) -> None:
        """Let go of the memory."""
        self._words.release()
        self._bytes.release()
        self.segment.close()

    def beat(self, now_ns: int) -> None:
        """The process lives."""
        self._words[_HEARTBEAT] = now_ns

    def progress(self, now_ns: int) -> None:
        """What may hang, such as FFmpeg, gave control back."""
        self._words[_PROGRESS] = now_ns

    @property
    def heartbeat_ns(self) -> int:
        """Monotonic time of the latest sign of life; 0 for none yet."""
        return self._words[_HEARTBEAT]

    @property
    def progress_ns(self) -> int:
        """Monotonic time at which control was last given back; 0 for none yet."""
        return self._words[_PROGRESS]

    def begin_anew(self, now_ns: int) -> None:
        """A new process takes the place of one that ended: its time starts now."""
        self.beat(now_ns)
        self.progress(now_ns)


class ReaderBoard(ProcessBoard):
    """Counts, signs of life and activity of one reader, in shared memory.

    The counts are there twice. A change is written beside the block that holds, and one store of a single word makes
    it hold: a reader that is killed in the middle has either counted a frame everywhere or nowhere.

    Attributes:
        segment: to hand to the reader process; its lock also guards the camera's ring.
    """

    _WORDS = _BLOCKS + 2 * len(_COLUMN)

    @classmethod
    def create(cls, counts: ReaderCounts | None = None) -> Self:
        """A board with these counts, or all at zero.

        Raises:
            SharedMemoryFull: not even a page is left.
        """
        board = super().create()
        if counts is not None:
            board.count(**asdict(counts))
        return board

    def count(self, **changes: int) -> None:
        """Add to some of the counts, all at once. Only the reader calls this, holding the lock if others look on.

        Args:
            changes: names of :class:`ReaderCounts`, and by how much each rises.
        """
        words = self._words
        version = words[_VERSION]
        after, before = _block(version + 1), _block(version)
        words[after : after + len(_COLUMN)] = words[before : before + len(_COLUMN)]
        for name, more in changes.items():
            words[after + _COLUMN[name]] += more
        words[_VERSION] = version + 1  # from here on it holds

    def counts(self) -> ReaderCounts:
        """The counts that hold; they belong together, however long this process is kept from reading them."""
        words = self._words
        while True:
            version = words[_VERSION]
            block = _block(version)
            counts = words[block : block + len(_COLUMN)].tolist()
            if words[_VERSION] == version:  # else the reader may be writing there again
                return ReaderCounts(*counts)

    @property
    def published(self) -> int:
        """How many frames were put into the ring; as in :meth:`counts`."""
        return self._words[_block(self._words[_VERSION]) + _COLUMN["published"]]

    @property
    def activity(self) -> ReaderActivity:
        """What the reader is doing."""
        return ReaderActivity(self._words[_ACTIVITY])

    @activity.setter
    def activity(self, activity: ReaderActivity) -> None:
        self._words[_ACTIVITY] = int(activity)

    def begin_anew(self, now_ns: int) -> None:
        """A new reader takes the place of one that ended: counts stay, signs of life do not."""
        self.activity = ReaderActivity.STARTING
        super().begin_anew(now_ns)


def _block(version: int) -> int:
    """Where the block of counts begins that holds, or held, with this version."""
    return _BLOCKS + len(_COLUMN) * (version & 1)
