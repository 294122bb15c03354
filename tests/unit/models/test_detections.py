from __future__ import annotations

import numpy as np
import pytest

from models.detections import Detections

_BOX = np.array([[1, 2, 3, 4]], np.float32)
_ONE = np.array([0.5], np.float32)
_PERSON = np.zeros(1, np.int64)


@pytest.mark.parametrize(
    ("xyxy", "confidence", "message"),
    [
        (_BOX[:, :3], _ONE, r"xyxy must have shape \(1, 4\), has \(1, 3\)"),
        (_BOX, _ONE[:0], r"confidence must have shape \(1,\), has \(0,\)"),
        (_BOX * np.float32(np.nan), _ONE, "must be finite"),
        (_BOX[:, ::-1], _ONE, "inverted"),
        (_BOX, _ONE + 1, r"lie in \[0, 1\]"),
        (_BOX, _ONE * np.float32(np.nan), r"lie in \[0, 1\]"),
    ],
)
def test_invalid_detections_are_refused(
    xyxy: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    confidence: np.ndarray[tuple[int], np.dtype[np.float32]],
    message: str,
) -> None:
    with pytest.raises(ValueError, match=message):
        Detections(xyxy, confidence, _PERSON)


def test_sanitised_counts_what_it_refuses() -> None:
    boxes = np.array(
        [[1, 2, 3, 4], [3, 2, 1, 4], [1, 2, 1, 4], [1, 2, np.inf, 4], [1, np.nan, 3, 4], [-9, -9, 999, 999]],
        np.float32,
    )
    found, refused = Detections.sanitised(boxes, np.array([0.5, 0.5, 0.5, 0.5, 0.5, 7], np.float32))
    assert refused == found.refused == 4
    np.testing.assert_array_equal(found.xyxy, boxes[[0, 5]])
    np.testing.assert_array_equal(found.confidence, [0.5, 1])
    assert len(Detections.empty()) == 0
