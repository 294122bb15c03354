"""Heads become boxes; what is no number is neither found nor lost without a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.detectors.darknet_cfg import Yolo, parse_definition
from models.detectors.input_size import FixedInput
from models.detectors.yolo_decoding import decode_heads
from models.detectors.yolov3 import YoloV3Detector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from models.preprocess import SizedPicture

_DEFINITION = parse_definition(
    "[net]\nheight=64\nwidth=96\n[convolutional]\nfilters=6\nsize=32\nstride=32\nactivation=linear\n"
    "[yolo]\nanchors=10,20\nclasses=1\n",
    "x.cfg",
)
_HEAD = Yolo(line=1, anchors_px=((10.0, 20.0),), classes=1, scale_x_y=1.0)


def _head(**cells: Any) -> NDArray[np.float32]:
    """(1, 6, 2, 3): nobody anywhere but in the cell of row 1 and column 2, which holds ``cells``."""
    head = np.full((1, 6, 2, 3), -20, np.float32)
    values = {"x": 0, "y": 0, "width": 0, "height": 0, "objectness": 20, "person": 20} | cells
    head[0, :, 1, 2] = list(values.values())
    return head


@dataclass
class _Network:
    """Says the same whatever it sees."""

    head: NDArray[np.float32]
    concurrency: int = 1

    def infer(self, items: Iterable[NDArray[Any]]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        for _ in items:
            yield (self.head,)

    def infer_pictures(self, pictures: Iterable[SizedPicture]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        return self.infer(picture.image for picture in pictures)


def _detector(head: NDArray[np.float32]) -> YoloV3Detector:
    return YoloV3Detector(
        name="darknet",
        batch_size=1,
        provenance={},
        definition=_DEFINITION,
        input_size=FixedInput(64, 96),
        network=_Network(head),
        score_threshold=0.1,
        nms_iou_threshold=0.5,
        max_detections=9,
    )


def test_a_box_stands_in_the_middle_of_its_cell_and_has_the_size_of_its_anchor() -> None:
    boxes, scores = decode_heads([_head()], [_HEAD], (64, 96), 0.5)
    centre, size = np.array([2.5 / 3, 1.5 / 2]), np.array([10 / 96, 20 / 64])
    np.testing.assert_allclose(boxes, [[*(centre - size / 2), *(centre + size / 2)]], atol=1e-6)
    np.testing.assert_allclose(scores, [1], atol=1e-6)


@pytest.mark.parametrize(
    "cells",
    [{"x": np.nan}, {"height": np.nan}, {"width": 1000}, {"objectness": np.nan}, {"person": np.nan}],
)
def test_what_is_no_box_is_refused_and_counted(cells: dict[str, float]) -> None:
    (found,) = _detector(_head(**cells)).detect([np.zeros((64, 96, 3), np.uint8)])
    assert len(found) == 0
    assert found.refused == 1


def test_a_right_box_is_not_refused() -> None:
    (found,) = _detector(_head()).detect([np.zeros((64, 96, 3), np.uint8)])
    assert (len(found), found.refused) == (1, 0)
