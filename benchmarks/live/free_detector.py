"""A detector that costs next to nothing and sees eight people in every picture, as real settings of the daemon.

A Darknet network of one layer of zeros on 128x64 points: its biases alone make the boxes, one for each of eight cells. Scores are of 0.9
and boxes of the size of a person, so that tracking and database have what vtest.avi gives them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

_HEIGHT_PX, _WIDTH_PX = 64, 128
PEOPLE = 8
"""One in each cell of 32x32 points."""
_DEFINITION = f"""
[net]
height={_HEIGHT_PX}
width={_WIDTH_PX}
channels=3
[convolutional]
filters=6
size=1
stride=32
pad=0
activation=linear
[yolo]
mask=0
anchors=7,12
classes=1
num=1
"""
_SCORE = 0.9
_HEADER = np.array([0, 2, 5], "<i4").tobytes() + np.array([0], "<i8").tobytes()
"""Version 0.2.5 and the number of pictures it was trained on."""


def free_detector(folder: Path) -> dict[str, Any]:
    """Section ``detector`` of a configuration; its files are in ``folder``."""
    definition, weights = folder / "free.cfg", folder / "free.weights"
    definition.write_text(_DEFINITION, encoding="utf-8")
    each = math.sqrt(_SCORE)  # objectness times class is the score
    likely = math.log(each / (1 - each))
    bias = np.array([0, 0, 0, 0, likely, likely], "<f4")  # x, y, width, height, objectness, class
    weights.write_bytes(_HEADER + bias.tobytes() + np.zeros((6, 3), "<f4").tobytes())
    return {
        "name": "darknet",
        "definition_file": str(definition),
        "weights_file": str(weights),
        "input_height_px": _HEIGHT_PX,
        "input_width_px": _WIDTH_PX,
    }
