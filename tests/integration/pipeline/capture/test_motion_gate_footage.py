"""The motion gate on a real recording: whoever walks is seen, and what is only noise is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from config.sections.motion_gate import MotionGateSettings
from pipeline.capture.motion_gate import REDUCED_WIDTH_PX, MotionGate, reduced_luma
from tests.vtest import RATE_HZ, grey_pictures, noisy, through_h264

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.data

_ONLY_MOTION = MotionGateSettings(open_for_s=0, look_every_s=1000)


@pytest.fixture(scope="module")
def pictures(data_dir: Path) -> list[NDArray[np.uint8]]:
    return grey_pictures(data_dir, 768, every=5)


@pytest.fixture(scope="module")
def background(pictures: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.asarray(np.median(pictures[::4], axis=0), np.uint8)


def test_every_frame_with_a_walking_person_passes(data_dir: Path) -> None:
    """There is one in each of the 795; by its own motion, without the time that the gate stays open."""
    gate = MotionGate(_ONLY_MOTION)
    passed = [
        gate.passes(luma, index / RATE_HZ)
        for index, luma in enumerate(grey_pictures(data_dir, REDUCED_WIDTH_PX))
    ]
    assert len(passed) == 795
    assert all(passed)


@pytest.mark.parametrize(("height_px", "needed"), [(12, 0.99), (8, 0.9)])
def test_a_single_small_person_is_seen(
    data_dir: Path,
    pictures: list[NDArray[np.uint8]],
    background: NDArray[np.uint8],
    height_px: int,
    needed: float,
) -> None:
    """Real persons, each alone on the empty scene and so small in the reduced picture, with noise."""
    rows = np.loadtxt(data_dir / "mot/MOT15/PETS09-S2L1/gt/gt.txt", delimiter=",")
    counted = rows[(rows[:, 6] == 1) & (rows[:, 0] % 5 == 1)][::5]
    rng, seen = np.random.default_rng(5), []
    for frame, _, left, top, width, height in counted[:, :6].astype(int).tolist():
        box = (slice(max(0, top), top + height), slice(max(0, left), left + width))
        person = pictures[(frame - 1) // 5][box].astype(np.float32) - background[box]
        shrink = height_px * 768 / REDUCED_WIDTH_PX / height
        person = cv2.resize(person, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        scene = background.astype(np.float32)
        scene[box[0].start :, box[1].start :][: person.shape[0], : person.shape[1]] += person
        gate = MotionGate(_ONLY_MOTION)
        empty, walked = (noisy(s.clip(0, 255).astype(np.uint8), 1, 2.0, rng)[0] for s in (background, scene))
        gate.passes(reduced_luma(empty), 0.0)
        seen.append(gate.passes(reduced_luma(walked), 0.1))
    assert len(seen) > 100
    assert np.mean(seen) >= needed


@pytest.mark.parametrize(("levels", "crf"), [(2.0, 28), (4.0, 32)])
def test_a_still_scene_is_looked_at_once_a_second(
    background: NDArray[np.uint8], levels: float, crf: int
) -> None:
    """One view with noise, through H.264, for 10 s of 10 Hz. At crf 36 a key frame now and then counts as motion."""
    gate = MotionGate(MotionGateSettings(look_every_s=1.0))
    coded = through_h264(noisy(background, 100, levels, np.random.default_rng(2)), crf)
    passed = [gate.passes(reduced_luma(grey), index / 10) for index, grey in enumerate(coded)]
    assert sum(passed) <= 11
    assert sum(passed) >= 9


@pytest.mark.parametrize("gain", [0.4, 0.7, 1.25])
def test_a_change_of_exposure_opens_the_gate_only_for_a_while(
    background: NDArray[np.uint8], gain: float
) -> None:
    """Within three times the adaption the background has followed."""
    gate = MotionGate(MotionGateSettings(look_every_s=1.0))
    other = (background * gain).clip(0, 255).astype(np.uint8)
    rng = np.random.default_rng(2)
    scenes = noisy(background, 20, 2.0, rng) + noisy(other, 250, 2.0, rng)
    passed = [gate.passes(reduced_luma(grey), index / 10) for index, grey in enumerate(scenes)]
    assert sum(passed[170:]) <= 11
