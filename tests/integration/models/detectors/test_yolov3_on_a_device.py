"""A detector whose pictures go through the queue before a device finds what it finds without."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from config.sections.detector import DetectorSettings
from models.detectors.darknet_cfg import parse_definition
from models.detectors.input_size import FollowingInput
from models.registry import build_detector
from models.runtime.network import NetworkSource
from models.runtime.torch_runtime import TorchNetwork
from tests.darknet_files import SMALL_RELATIVE, write_random_weights
from tests.late_lane import LateLane

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from models.detectors.yolov3 import YoloV3Detector


@pytest.fixture
def detector(scratch: Path) -> YoloV3Detector:
    (scratch / "small.cfg").write_text(SMALL_RELATIVE)
    definition = parse_definition(SMALL_RELATIVE, "small.cfg")
    noise = np.random.default_rng(2).integers(0, 256, (2, definition.height, definition.width, 3), np.uint8)
    write_random_weights(scratch / "random.weights", definition, noise)
    settings = DetectorSettings(
        name="darknet",
        runtime="torch",
        device="cpu",
        definition_file=scratch / "small.cfg",
        score_threshold=0.01,
    )
    return cast("YoloV3Detector", build_detector(settings, scratch / "random.weights"))


def _before_a_device(detector: YoloV3Detector) -> YoloV3Detector:
    module = cast("TorchNetwork", detector.network)._module
    shape = (1, detector.definition.height, detector.definition.width, 3)
    source = NetworkSource(lambda: module, (1, -1, -1, 3), shape, "uint8", "the same")
    return replace(detector, network=TorchNetwork(source, "cpu", "f32", batch=3, lane=LateLane()))


def _pictures(*sizes: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """Bright rectangles on noise."""
    rng = np.random.default_rng(12)
    pictures = []
    for height, width in sizes:
        picture = rng.integers(0, 100, (height, width, 3), np.uint8)
        for left in range(5, width - 15, 20):
            picture[height // 5 : height // 5 * 4, left : left + 10] = 180 + left % 60
        pictures.append(picture)
    return pictures


def test_pictures_of_the_networks_sizes_give_the_same_boxes(detector: YoloV3Detector) -> None:
    """Nothing is stretched: what is left is the order in which sums are added up."""
    following = replace(detector, input_size=FollowingInput(32, 1, 10**6))
    pictures = _pictures((96, 128), (64, 64), (96, 128), (96, 128), (64, 64), (96, 128), (128, 32))
    expected = following.detect(pictures)
    found = _before_a_device(following).detect(pictures)
    assert min(len(each) for each in expected) > 0
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours.confidence, theirs.confidence, atol=1e-5)
        np.testing.assert_allclose(ours.xyxy, theirs.xyxy, atol=1e-2)


def test_pictures_keep_their_places_when_sizes_are_mixed(detector: YoloV3Detector) -> None:
    queued = _before_a_device(detector)
    pictures = _pictures((96, 128), (50, 70), (300, 200), (96, 128), (50, 70), (7, 9))
    together = queued.detect(pictures)
    alone = [queued.detect([picture])[0] for picture in pictures]
    assert sum(len(each) for each in together) > 0
    for ours, theirs in zip(together, alone, strict=True):
        np.testing.assert_array_equal(ours.xyxy, theirs.xyxy)
        np.testing.assert_array_equal(ours.confidence, theirs.confidence)
