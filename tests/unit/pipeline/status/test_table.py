"""What ``sitewatch status`` shows."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pipeline.status.reading import Buckets, CameraFigures, SiteFigures
from pipeline.status.table import site_table


def _shown(
    now: SiteFigures, before: SiteFigures | None = None, seconds: float = 1.0, width: int = 160
) -> str:
    console = Console(width=width, record=True, file=None, force_terminal=False)
    with console.capture() as capture:
        console.print(site_table(now, before, seconds))
    return capture.get()


def _site(camera: CameraFigures, **changes: object) -> SiteFigures:
    values = {
        "cameras": {"gate": camera},
        "workers": {"auto": (True, 0)},
        "committed_rows": 5,
        "queued_rows": 0,
        "database_failing_s": 0.0,
        "batch_frames": Buckets(),
    }
    return SiteFigures(**{**values, **changes})  # type: ignore[arg-type]


def _row(text: str) -> list[str]:
    """The words of the camera's line."""
    return next(line for line in text.splitlines() if "gate" in line).split()


def test_frames_and_why_they_were_dropped() -> None:
    text = _shown(_site(CameraFigures(True, False, 10, 6, 1, {"stale": 1, "static": 2}, faults=("frozen",))))
    assert _row(text) == ["gate", "faulty", "10", "6", "1", "3", "0", "frozen,", "stale", "1,", "static", "2"]


def test_a_terminal_of_80_columns_cuts_nothing() -> None:
    camera = CameraFigures(True, False, 143_700, 87_000, 12, {"rate_limited": 56_688}, tracks=184)
    text = _shown(_site(camera), width=80)
    assert "…" not in text
    assert _row(text)[:7] == ["gate", "up", "143700", "87000", "12", "56688", "184"]
    last_column = "".join(line[-9:].strip() for line in text.splitlines() if line[-9:].strip())
    assert "rate_limited56688" in last_column


@pytest.mark.parametrize(
    ("camera", "state"),
    [
        (CameraFigures(up=True), "up"),
        (CameraFigures(up=False), "down"),
        (CameraFigures(up=False, degraded=True), "degraded"),
    ],
)
def test_states(camera: CameraFigures, state: str) -> None:
    assert _row(_shown(_site(camera)))[1] == state


def test_rates_are_those_since_the_look_before() -> None:
    before, now = _site(CameraFigures(up=True, processed=10)), _site(CameraFigures(up=True, processed=35))
    assert _row(_shown(now, before, 2.0))[2] == "12.5"


def test_a_database_that_fails_is_told() -> None:
    assert "failing for 21 s" in _shown(_site(CameraFigures(), database_failing_s=21.4))


def test_a_worker_that_is_not_ready_is_told() -> None:
    assert "worker auto: not ready, 3 restarts" in _shown(
        _site(CameraFigures(), workers={"auto": (False, 3)})
    )


def test_quantiles_lie_within_their_bucket() -> None:
    ages = Buckets({0.1: 50.0, 0.2: 100.0, inf: 100.0})
    assert ages.quantile(0.5) == pytest.approx(0.1)
    assert ages.quantile(0.75) == pytest.approx(0.15)
    assert Buckets({0.1: 0.0, inf: 3.0}).quantile(0.5) == 0.1  # beyond the last bound nothing more is known
    assert Buckets().quantile(0.5) is None


@given(st.lists(st.floats(0.001, 20), min_size=1, max_size=50), st.floats(0, 1))
def test_quantiles_are_not_below_nor_far_above(values: list[float], q: float) -> None:
    bounds = (0.01, 0.1, 1.0, 10.0, 100.0, inf)
    buckets = Buckets({bound: float(sum(value <= bound for value in values)) for bound in bounds})
    found = buckets.quantile(q)
    assert found is not None
    assert 0 <= found <= 100
    assert sum(value <= found * 10 + 0.01 for value in values) >= q * len(values)
