"""Times and numbers as people write them."""

from __future__ import annotations

import pytest

from pipeline.report.wording import clock, count, duration


@pytest.mark.parametrize(
    ("seconds", "written"), [(0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (3661, "1:01:01"), (-1, "0:00")]
)
def test_clock(seconds: float, written: str) -> None:
    assert clock(seconds) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (2, "2 s"),
        (8.44, "8.4 s"),
        (59.96, "1 min 00 s"),
        (113.6, "1 min 54 s"),
        (3600, "1 h 00 min"),
        (7530, "2 h 06 min"),
    ],
)
def test_duration(seconds: float, written: str) -> None:
    assert duration(seconds) == written


def test_count() -> None:
    assert [count(1, "track"), count(2300, "track")] == ["1 track", "2,300 tracks"]
