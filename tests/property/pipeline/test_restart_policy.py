"""A process that fails now and then is started at once; one that fails all the time, seldom."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from config.sections.supervisor import SupervisorSettings
from pipeline.daemon.restart_policy import RestartPolicy

_SETTINGS = SupervisorSettings(max_restarts=3, restart_window_s=60, degraded_retry_s=45)


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=30))
def test_never_more_quick_restarts_than_allowed_within_the_window(gaps_s: list[float]) -> None:
    policy = RestartPolicy(_SETTINGS)
    now_s, quick_s = 0.0, []
    for gap_s in gaps_s:
        now_s += gap_s
        at_s = policy.ended(now_s)
        assert now_s < at_s <= now_s + 45
        if at_s < now_s + 45:
            quick_s.append(now_s)
        assert sum(now_s - 60 < each for each in quick_s) <= 3


def test_waits_double_and_then_it_is_degraded() -> None:
    policy = RestartPolicy(_SETTINGS)
    assert [round(policy.ended(0.0), 3) for _ in range(4)] == [0.1, 0.2, 0.4, 45.0]
    assert policy.is_degraded(59.9)
    assert not policy.is_degraded(60.0)
    assert policy.ended(60.0) == 60.1
