"""What the motion gate promises, whatever the pictures and however they are spread in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from config.sections.motion_gate import MotionGateSettings
from pipeline.capture.motion_gate import MotionGate

_SHAPE = (12, 16)


@dataclass(frozen=True)
class Shown:
    after_s: float
    walker: int | None
    light: int


shown = st.builds(
    Shown,
    after_s=st.floats(0.001, 4.0),
    walker=st.none() | st.integers(0, 10),
    light=st.integers(0, 120),
)
gates = st.builds(
    MotionGateSettings,
    open_for_s=st.floats(0, 5),
    look_every_s=st.floats(0.1, 5),
    adapt_s=st.floats(0.1, 20),
)


def picture(walker: int | None, light: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    scene = np.full(_SHAPE, 60 + light, np.uint8)
    if walker is not None:
        scene[3:9, walker : walker + 4] = 250
    return scene


@given(gates, st.lists(shown, min_size=1, max_size=60))
@settings(deadline=None)
def test_never_silent_for_longer_than_a_look(gate_settings: MotionGateSettings, steps: list[Shown]) -> None:
    gate, time_s, passed_s = MotionGate(gate_settings), 0.0, None
    for step in steps:
        time_s += step.after_s
        if gate.passes(picture(step.walker, step.light), time_s):
            passed_s = time_s
        assert passed_s is not None, "the first frame passes"
        assert time_s - passed_s < gate_settings.look_every_s


@given(gates, st.lists(st.floats(0.001, 1.0), min_size=1, max_size=60), st.integers(0, 10))
@settings(deadline=None)
def test_open_after_motion_for_as_long_as_set(
    gate_settings: MotionGateSettings, waits_s: list[float], walker: int
) -> None:
    gate = MotionGate(gate_settings)
    gate.passes(picture(None), 0.0)
    assert gate.passes(picture(walker), 0.001)
    time_s = 0.001
    for wait_s in waits_s:
        time_s += wait_s
        passes = gate.passes(picture(None), time_s)
        assert passes or time_s - 0.001 > gate_settings.open_for_s


@given(
    gates,
    st.lists(st.tuples(st.floats(0.001, 1.0), st.integers(-30, 150)), min_size=1, max_size=60),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None)
def test_light_alone_is_no_motion(
    gate_settings: MotionGateSettings, steps: list[tuple[float, int]], seed: int
) -> None:
    """Looks are as far apart as they may be: the same grey levels brighter or darker, even in one step."""
    gate, time_s, passed_s = MotionGate(gate_settings), 0.0, 0.0
    scene = np.random.default_rng(seed).integers(40, 100, _SHAPE, np.uint8)
    gate.passes(scene, 0.0)
    for wait_s, light in steps:
        time_s += wait_s
        expected = time_s - passed_s >= gate_settings.look_every_s
        assert gate.passes((scene.astype(int) + light).astype(np.uint8), time_s) == expected
        if expected:
            passed_s = time_s


@given(st.integers(0, 10), st.floats(0.5, 10))
@settings(deadline=None)
def test_what_stays_becomes_background(walker: int, adapt_s: float) -> None:
    """Someone 190 levels brighter than the ground fades to 12 after 2.8 times the adaption."""
    gate = MotionGate(MotionGateSettings(open_for_s=0, look_every_s=1000, adapt_s=adapt_s))
    step_s = adapt_s / 50
    gate.passes(picture(None), 0.0)
    passed = [gate.passes(picture(walker), step_s * n) for n in range(1, 50 * 4)]
    assert all(passed[: 50 * 2])
    assert not any(passed[50 * 3 :])
