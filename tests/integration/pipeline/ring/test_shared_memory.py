"""Shared memory against the kernel: room, locks, and readers that are killed at any moment."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.errors import SharedMemoryFull
from pipeline.live_accounting import LiveAccounting
from pipeline.ring.board import ReaderBoard
from pipeline.ring.frame_ring import FrameRing, RingLayout
from pipeline.ring.segment import SHARED_MEMORY, LockUnavailable, SharedSegment
from tests.small_disks import small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAYOUT = RingLayout(height=36, width=64, slots=4)

_WRITER = """
import sys
from pipeline.ring.board import ReaderBoard
from pipeline.ring.frame_ring import FrameRing, FrameStamp, RingLayout
from pipeline.ring.segment import SharedSegment
board = ReaderBoard(SharedSegment(int(sys.argv[1])))
ring = FrameRing(SharedSegment(int(sys.argv[2])), RingLayout(36, 64, 4), board)
print("ready", flush=True)
while True:
    slot = ring.begin()
    if slot is None:
        continue
    number = board.counts().captured + 1
    ring.image(slot)[:] = number % 251
    ring.publish(slot, FrameStamp(number, 0.0, 0.0), captured=1)
    board.count(captured=1, static=1)
"""


@contextlib.contextmanager
def _writer(board: ReaderBoard, ring: FrameRing) -> Iterator[subprocess.Popen[bytes]]:
    fds = (board.segment.fd, ring.segment.fd)
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, *map(str, fds)], pass_fds=fds, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def _free_bytes() -> int:
    room = os.statvfs(SHARED_MEMORY)
    return room.f_frsize * room.f_bfree


def test_a_reader_killed_at_any_moment_leaves_a_sound_ring() -> None:
    chance = random.Random(5)  # noqa: S311  no secret
    board = ReaderBoard.create()
    ring = FrameRing.create(_LAYOUT, board, "gate")
    accounting = LiveAccounting(board.counts())
    for _ in range(8):
        with _writer(board, ring) as process:
            until_s = time.monotonic() + chance.uniform(0.02, 0.2)
            while time.monotonic() < until_s:
                _take(ring, board, accounting)
            process.send_signal(signal.SIGKILL)
            process.wait()
        ring.reclaim(1.0)
        while _take(ring, board, accounting):
            pass
        counts = accounting.counts()
        assert counts.adds_up
        assert counts.in_flight == 0
        slots = [ring.begin() for _ in range(_LAYOUT.slots)]  # none is lost
        assert sorted(slot for slot in slots if slot is not None) == [0, 1, 2, 3]
        ring.reclaim(1.0)
    assert accounting.processed > 100
    ring.close()
    board.close()
    assert str(SHARED_MEMORY) not in Path("/proc/self/maps").read_text(encoding="utf-8")  # nothing is left


def _take(ring: FrameRing, board: ReaderBoard, accounting: LiveAccounting) -> bool:
    leased = ring.lease(1.0)
    accounting.look(board.counts())
    assert accounting.counts().adds_up
    if leased is None:
        return False
    ref, stamp = leased
    accounting.frame_taken(ref.generation)
    assert (ring.leased_image(ref) == stamp.index % 251).all()  # never half a picture
    ring.release(ref)
    accounting.frame_processed()
    return True


def test_a_stopped_holder_of_the_lock_does_not_stop_the_other_side() -> None:
    segment = SharedSegment.create(4096, "a test")
    code = (
        "import sys, time; from pipeline.ring.segment import SharedSegment\n"
        "with SharedSegment(int(sys.argv[1])).locked():\n    print('locked', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(segment.fd)], pass_fds=(segment.fd,), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(LockUnavailable), segment.locked(timeout_s=0.05):
            pass
        process.kill()
        process.wait()
        with segment.locked(timeout_s=1.0):  # the kernel gave it back
            pass
    segment.close()


def _resident_bytes(inode: int) -> int:
    """How much this process has in memory of what it maps of a file."""
    lines = Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines()
    begin = next(at for at, line in enumerate(lines) if line.split()[4:5] == [str(inode)])
    rss = next(line for line in lines[begin:] if line.startswith("Rss:"))
    return 1024 * int(rss.split()[1])


def test_a_segment_is_all_there_from_the_start() -> None:
    size = 64 * 4096
    made = SharedSegment.create(size, "a test")
    inode = os.fstat(made.fd).st_ino
    try:
        assert _resident_bytes(inode) == size
    finally:
        made.close()


@pytest.fixture
def tiny_memory(tmp_path: Path) -> Iterator[Path]:
    """A file system in memory of 1 MiB."""
    with small_disk(tmp_path / "shm", "1m") as folder:
        yield folder


def test_too_little_room_is_told_with_the_size_that_it_needs(tiny_memory: Path) -> None:
    first = SharedSegment.create(512 * 1024, "camera dock", tiny_memory)
    with pytest.raises(SharedMemoryFull) as raised:
        SharedSegment.create(3 * 1024 * 1024, "camera gate (4 frames of 640x480)", tiny_memory)
    assert "camera gate (4 frames of 640x480) needs 3 MiB" in str(raised.value)
    assert f"mount -o remount,size=4m {tiny_memory}" in str(raised.value)
    first.memory[:] = b"x" * first.size  # what was promised is there
    first.close()


def test_memory_goes_back_when_its_last_user_is_killed() -> None:
    free = _free_bytes()
    code = (
        "import time; from pipeline.ring.segment import SharedSegment\n"
        "held = SharedSegment.create(32 << 20, 'a test'); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert _free_bytes() <= free - (32 << 20)
        process.kill()
        process.wait()
    assert _free_bytes() >= free - (1 << 20)
    assert not list(SHARED_MEMORY.glob("*sitewatch*"))
