"""Batches are fair, never too large, and never wait for a camera that has nothing to give."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from config.sections.batching import BatchingSettings
from pipeline.batching import BatchPlanner

_WAITING = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 9), min_size=1)


def planner(cameras: str, max_batch: int = 4, window_s: float = 0.04) -> BatchPlanner:
    made = BatchPlanner(BatchingSettings(max_window_s=window_s), max_batch)
    for camera in cameras:
        made.add(camera)
    return made


@given(_WAITING, st.integers(1, 16))
def test_a_batch_takes_what_waits_up_to_its_size(waiting: dict[str, int], size: int) -> None:
    picked = planner("abcdefgh", size).pick(waiting)
    assert len(picked) == min(size, sum(waiting.values()))
    assert all(number <= waiting[camera] for camera, number in Counter(picked).items())


@given(_WAITING, st.integers(1, 16))
def test_nobody_comes_twice_before_all_came_once(waiting: dict[str, int], size: int) -> None:
    picked = planner("abcdefgh", size).pick(waiting)
    ready = sum(count > 0 for count in waiting.values())
    assert len(set(picked)) == min(ready, len(picked))


@given(st.integers(2, 8), st.integers(1, 6), st.integers(1, 40))
def test_a_flood_starves_nobody(cameras: int, size: int, rounds: int) -> None:
    names = "abcdefgh"[:cameras]
    made = planner(names, size)
    served: Counter[str] = Counter()
    for _ in range(rounds):
        served.update(set(made.pick({name: 100 if name == "a" else 1 for name in names})))
    turns = rounds * min(size, cameras)
    assert min(served[name] for name in names) >= turns // cameras - 1
    assert max(served.values()) - min(served[name] for name in names) <= 1


@given(st.integers(1, 50))
def test_who_was_away_saves_up_nothing(rounds: int) -> None:
    made = planner("ab", 1)
    for _ in range(rounds):
        assert made.pick({"a": 1}) == ["a"]
    both = [made.pick({"a": 1, "b": 1})[0] for _ in range(10)]
    assert 4 <= both.count("a") <= 6


def test_a_full_batch_is_due_at_once() -> None:
    made = planner("ab", 2)
    made.arrived("b", 0.0)
    made.arrived("b", 1.0)
    assert made.due_s({"a": (2, 1.0)}, 1.0) == 1.0


def test_a_lone_camera_does_not_wait() -> None:
    made = planner("ab")
    made.arrived("a", 10.0)
    assert made.due_s({"a": (1, 10.0)}, 10.0) == 10.0


def test_a_frame_waits_for_a_live_neighbour_but_not_longer_than_the_window() -> None:
    made = planner("ab")
    for step in range(50):
        made.arrived("a", step * 0.1)
        made.arrived("b", step * 0.1 + 0.03)
    now_s = 5.0
    assert made.due_s({"a": (1, now_s)}, now_s) == now_s + 0.04


def test_the_window_is_no_longer_than_the_fastest_cameras_period() -> None:
    made = planner("ab", window_s=0.2)
    for step in range(200):
        made.arrived("a", step * 0.02)
    assert abs(made.window_s(4.0) - 0.02) < 1e-3
    assert made.window_s(60.0) == 0.2  # it has long been gone


def test_frames_that_were_noticed_together_count_each() -> None:
    made = planner("a", window_s=1.0)
    for step in range(100):
        made.arrived("a", step * 0.2, 4)
    assert abs(made.window_s(19.8) - 0.05) < 1e-3


def test_nothing_waits_for_a_camera_that_died() -> None:
    made = planner("ab")
    for step in range(50):
        made.arrived("a", step * 0.1)
        made.arrived("b", step * 0.1)
    for step in range(50, 100):
        made.arrived("a", step * 0.1)
    assert made.due_s({"a": (1, 10.0)}, 10.0) == 10.0


def test_nothing_is_due_where_nothing_waits() -> None:
    assert planner("a").due_s({}, 0.0) is None
