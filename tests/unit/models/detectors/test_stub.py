from __future__ import annotations

import numpy as np

from models.detectors.stub import StubDetector


def test_rectangles_are_found_to_the_pixel_the_brightest_first() -> None:
    image = np.full((60, 80, 3), 20, np.uint8)
    image[10:30, 5:15] = 200
    image[20:50, 40:55] = 250
    image[2, 2] = 255  # a speck
    (found,) = StubDetector().detect([image])
    np.testing.assert_array_equal(found.xyxy, [[40, 20, 55, 50], [5, 10, 15, 30]])
    np.testing.assert_allclose(found.confidence, [250 / 255, 200 / 255], rtol=1e-6)


def test_thresholds() -> None:
    image = np.full((60, 80, 3), 20, np.uint8)
    image[10:30, 5:15] = 200
    image[20:50, 40:55] = 250
    assert len(StubDetector(score_threshold=0.9).detect([image])[0]) == 1
    assert len(StubDetector(max_detections=1).detect([image])[0]) == 1
    assert len(StubDetector().detect([np.zeros((5, 5, 3), np.uint8)])[0]) == 0
