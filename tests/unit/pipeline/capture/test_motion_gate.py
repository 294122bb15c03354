"""The motion gate at its edges: changes of size and of scene, masks, time that starts anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.sections.motion_gate import MotionGateSettings
from pipeline.capture.motion_gate import REDUCED_WIDTH_PX, MotionGate, reduced_luma

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHAPE = (120, 160)


@pytest.fixture
def scene() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(40, 200, _SHAPE, np.uint8)


@pytest.fixture
def gate() -> MotionGate:
    """Passes a frame only for motion in it, or as the first."""
    return MotionGate(MotionGateSettings(open_for_s=0, look_every_s=1000))


def test_the_first_frame_passes(gate: MotionGate, scene: NDArray[np.uint8]) -> None:
    assert gate.passes(scene, 5.0)
    assert not gate.passes(scene, 5.1)


def test_another_shape_starts_anew(gate: MotionGate, scene: NDArray[np.uint8]) -> None:
    gate.passes(scene, 0.0)
    assert gate.passes(scene[:90], 0.1)
    assert not gate.passes(scene[:90], 0.2)


def test_time_that_goes_back_starts_anew(gate: MotionGate, scene: NDArray[np.uint8]) -> None:
    gate.passes(scene, 100.0)
    assert gate.passes(scene, 0.0)
    assert not gate.passes(scene, 0.1)


def test_as_few_points_as_are_set_are_motion(gate: MotionGate, scene: NDArray[np.uint8]) -> None:
    """0.05 % of 160x120 points are 9.6, and 12 levels are needed; one more, for the background follows a little."""
    gate.passes(scene, 0.0)
    changed = scene.copy()
    changed[50, 50:59] += 13
    assert not gate.passes(changed, 0.01)
    changed[50, 59] += 13
    assert gate.passes(changed, 0.02)
    assert not gate.passes(scene + np.uint8(0), 0.03)
    changed = scene.copy()
    changed[50:60, 50:60] += 11
    assert not gate.passes(changed, 0.04)


def test_another_scene_is_motion_once(gate: MotionGate, scene: NDArray[np.uint8]) -> None:
    """Lights that go on, a camera that turns: the gate does not stay open until the background has followed."""
    gate.passes(scene, 0.0)
    other = scene[::-1, ::-1].copy()
    assert gate.passes(other, 0.1)
    assert not gate.passes(other, 0.2)


def test_lights_are_compensated_beside_a_mask(gate: MotionGate, scene: NDArray[np.uint8]) -> None:
    """Masked points stay black whatever the light does, unlike all others; they are most of this picture."""
    scene[:, 50:] = 0
    gate.passes(scene, 0.0)
    brighter = scene + np.uint8(40)
    brighter[:, 50:] = 0
    assert not gate.passes(brighter, 0.1)


@pytest.mark.parametrize(
    ("shape", "reduced"),
    [((1080, 1920), (90, 160)), ((576, 768), (120, 160)), ((1920, 1080), (284, 160)), ((30, 40), (30, 40))],
)
def test_the_reduced_picture_keeps_its_shape(shape: tuple[int, int], reduced: tuple[int, int]) -> None:
    assert reduced_luma(np.zeros(shape, np.uint8)).shape == reduced


def test_each_reduced_point_is_the_mean_of_its_area() -> None:
    plane = np.random.default_rng(1).integers(0, 256, (16, 4 * REDUCED_WIDTH_PX), np.uint8)
    means = plane.reshape(4, 4, REDUCED_WIDTH_PX, 4).mean(axis=(1, 3))
    assert np.abs(reduced_luma(plane) - means).max() <= 1  # it is rounded at each of two halvings


def test_the_reduced_picture_never_looks_into_the_decoders_memory() -> None:
    plane = np.zeros((30, 40), np.uint8)
    assert not np.shares_memory(reduced_luma(plane), plane)
