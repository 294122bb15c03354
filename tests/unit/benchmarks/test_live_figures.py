"""The arithmetic of ``make bench-live``: verdicts, CPU seconds, growth, what is taken off."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.live.age import around, bound_s
from benchmarks.live.figures import HEADER, Figure
from benchmarks.live.fleeting_camera import fleeting_camera
from benchmarks.live.free_detector import PEOPLE, free_detector
from benchmarks.live.growth import at_share, percent
from benchmarks.live.idle import added_percent
from benchmarks.live.overhead import beyond_ms
from benchmarks.live.paced import share
from benchmarks.live.processes import ProcessReplaced, cpu_of_stat, cpu_s, memory, roles, spent
from benchmarks.live.sites import Stage, Use
from config.sections.detector import DetectorSettings
from models.registry import build_detector
from pipeline.capture.live.stream import CameraLost, open_stream
from pipeline.status.reading import Buckets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _use(seconds: float, processed: int, **cpu_s: float) -> Use:
    return Use(seconds, processed, cpu_s, Stage())


@pytest.mark.parametrize(
    ("value", "at_least", "verdict"),
    [
        (31.0, True, "must"),
        (100.0, True, "aim"),
        (29.9, True, "misses"),
        (31.0, False, "aim"),
        (101.0, False, "misses"),
        (None, True, "not measured"),
    ],
)
def test_the_best_bound_that_holds_is_told(value: float | None, at_least: bool, verdict: str) -> None:
    must, aim = (30.0, 100.0) if at_least else (100.0, 31.0)
    assert Figure("x", value, "x", must, aim, at_least).verdict == verdict


def test_a_figure_without_bounds_has_no_verdict() -> None:
    assert Figure("x", 1.0).verdict == ""


def test_no_number_is_better_than_a_missing_one() -> None:
    assert Figure("x", float("nan"), "ms", 1.0).verdict == "misses"


def test_a_row_fits_its_table() -> None:
    row = Figure("a | b", 0.71234, "ms", 2.0, note="so | many").row()
    assert row == "| a / b | 0.712 ms | ≤ 2 ms |  | must | so / many |"
    assert row.count("|") == HEADER.splitlines()[0].count("|")
    assert "≥ 1,500 x" in Figure("a", 1, "x", 1500, None, at_least=True).row()


def test_cpu_seconds_are_those_of_the_kernel() -> None:
    began_s = cpu_s(os.getpid())
    until_s = time.process_time() + 0.2
    while time.process_time() < until_s:
        pass
    assert cpu_s(os.getpid()) - began_s == pytest.approx(0.2, abs=0.05)


def test_a_process_may_have_any_name() -> None:
    fields = ["S", *["0"] * 10, "150", "50", *["0"] * 30]
    assert cpu_of_stat(f"12 (a) b ( c) {' '.join(fields)}") == 200 / os.sysconf("SC_CLK_TCK")


def test_cpu_is_added_up_by_role() -> None:
    names = {1: "daemon", 2: "reader", 3: "reader"}
    before, after = {1: 1.0, 2: 5.0, 3: 0.0}, {1: 1.5, 2: 6.0, 3: 0.25}
    assert spent(names, before, after) == {"daemon": 0.5, "reader": 1.25}


def test_a_process_that_was_replaced_is_not_passed_over() -> None:
    with pytest.raises(ProcessReplaced, match=r"\[2, 3\]"):
        spent({1: "daemon", 2: "reader"}, {1: 1.0, 2: 5.0}, {1: 1.0, 3: 0.0})


def test_memory_and_role_of_a_process() -> None:
    seen = memory(os.getpid())
    assert 0 < seen.pss <= seen.rss
    assert roles(os.getpid())[os.getpid()] == "daemon"


def test_what_is_known_to_be_needed_is_taken_off() -> None:
    assert beyond_ms(_use(10, 100, daemon=0.1, reader=0.2, worker=0.1), 1.5) == pytest.approx(2.5)


def test_the_still_camera_pays_for_what_is_more_with_it() -> None:
    without, still = _use(10, 0, daemon=0.1), _use(20, 20, daemon=0.6, worker=1.0)
    assert added_percent(without, still, "daemon") == pytest.approx(2.0)
    assert added_percent(without, still, "worker") == pytest.approx(5.0)


@pytest.mark.parametrize(("processed", "capacity", "expected"), [(9, 10, 0.9), (48, 400, 0.96)])
def test_no_more_is_asked_for_than_cameras_give(processed: float, capacity: float, expected: float) -> None:
    assert share(processed, capacity, 50) == pytest.approx(expected)


def test_growth_is_told_from_where_it_stood_after_a_tenth() -> None:
    looks = [(n / 200, 50.0 if n < 20 else 100.0 + (n >= 180) * 3) for n in range(201)]
    assert at_share(looks, 0.1) == 100.0
    assert at_share(looks, 1.0) == 103.0
    assert percent(100.0, 103.0) == pytest.approx(3.0)


@given(values=st.lists(st.floats(1, 1e4), min_size=1, max_size=60), part=st.floats(0, 1))
def test_a_share_of_any_trial_has_a_value_that_was_seen_there(values: list[float], part: float) -> None:
    looks = [(n / len(values), value) for n, value in enumerate(values)]
    assert min(values) <= at_share(looks, part) <= max(values)


def test_an_age_lies_between_the_bounds_of_its_bucket() -> None:
    ages = Buckets({0.1: 10.0, 0.2: 80.0, 0.5: 96.0, float("inf"): 100.0})
    assert around(ages, 0.95) == (0.2, 0.5)
    assert around(ages, 0.05) == (0.0, 0.1)
    assert bound_s(0.04, 0.06) == pytest.approx(0.2)


def test_the_detector_that_costs_nothing_sees_people(tmp_path: Path) -> None:
    detector = build_detector(DetectorSettings.model_validate(free_detector(tmp_path)))
    images = np.random.default_rng(0).integers(0, 256, (2, 576, 768, 3), np.uint8)
    for found in detector.detect(list(images)):
        assert len(found.xyxy) == PEOPLE
        assert found.confidence == pytest.approx(np.full(PEOPLE, 0.9), abs=0.01)
        assert found.xyxy[:, 3] - found.xyxy[:, 1] == pytest.approx(np.full(PEOPLE, 108), abs=1)


class _Nobody:
    def progress(self) -> None:
        pass

    def damaged(self) -> None:
        pytest.fail("a picture is damaged")


def test_the_fleeting_camera_gives_its_pictures_once_a_connection() -> None:
    images = [np.full((48, 64, 3), level, np.uint8) for level in (0, 100, 200)]
    with fleeting_camera(images) as address:
        for _ in range(2):
            assert list(_levels(address)) == pytest.approx([0, 100, 200], abs=3)


def _levels(address: str) -> Iterator[float]:
    with (
        open_stream(
            address, transport="tcp", open_timeout_s=5, read_timeout_s=5, watcher=_Nobody()
        ) as stream,
        suppress(CameraLost),  # it ends without a last boundary, as a camera that loses power
    ):
        for taken in stream.frames():
            yield float(np.asarray(taken.picture.to_ndarray(format="gray")).mean())
