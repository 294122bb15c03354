"""Times of frames, kept on disk."""

from __future__ import annotations

import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest

from config.errors import DiskFull
from pipeline.replay.frame_times import FrameTimes, as_datetime

START = datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_what_goes_in_comes_out() -> None:
    times = [START + timedelta(microseconds=333_333 * index) for index in range(100)]
    with closing(FrameTimes()) as kept:
        for time in times[:50]:
            kept.append(time)
        assert len(kept.between(10, 12)) == 3
        for time in times[50:]:
            kept.append(time)
        assert len(kept) == 100
        assert [as_datetime(stamp) for stamp in kept.between(0, 99).tolist()] == times
        assert [as_datetime(stamp) for stamp in kept.between(48, 51).tolist()] == times[48:52]


def full_disk(**_: object) -> IO[bytes]:
    return Path("/dev/full").open("r+b")


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", full_disk)
    with closing(FrameTimes()) as kept, pytest.raises(DiskFull, match="takes no temporary file"):
        list(map(kept.append, [START] * 10_000))
    with closing(FrameTimes()) as kept:
        kept.append(START)
        with pytest.raises(DiskFull, match="takes no temporary file"):
            kept.between(0, 0)
