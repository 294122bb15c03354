"""A network that follows the picture detects what the same network built for that size does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.sections.detector import DetectorSettings
from models.registry import build_detector

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.weights

_SIZES = ((480, 640), (320, 512))


@pytest.mark.parametrize("runtime", ["openvino", "torch"])
def test_the_same_boxes_as_a_network_of_that_size(tiny_weights: Path, runtime: str) -> None:
    rng = np.random.default_rng(4)
    images = [rng.integers(0, 256, (*size, 3), np.uint8) for size in _SIZES]
    common = {"runtime": runtime, "precision": "f32", "device": "cpu", "score_threshold": 1e-9}
    follows = build_detector(DetectorSettings.model_validate(common), tiny_weights).detect(images)
    for (height, width), image, found in zip(_SIZES, images, follows, strict=True):
        fixed = build_detector(
            DetectorSettings.model_validate(common | {"input_height_px": height, "input_width_px": width}),
            tiny_weights,
        )
        (expected,) = fixed.detect([image])
        assert len(found) == len(expected) > 0
        np.testing.assert_allclose(found.xyxy, expected.xyxy, atol=0.05)
        np.testing.assert_allclose(found.confidence, expected.confidence, atol=1e-3)
