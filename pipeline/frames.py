"""One picture of one camera, with the time at which the camera took it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A decoded picture.

    Attributes:
        camera_id: name of the camera, as configured.
        index: 0-based position in the recording or since the camera was opened.
        captured_at: media time, UTC, from the presentation time stamp.
        time_s: seconds of media time since the first frame (>= 0, never falling).
        image: (H, W, 3) uint8, BGR, upright (rotation metadata already applied).
    """

    camera_id: str
    index: int
    captured_at: datetime
    time_s: float
    image: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            raise ValueError(f"Frame.image must be (H, W, 3) uint8, is {self.image.shape} {self.image.dtype}")
        if self.captured_at.utcoffset() is None:
            raise ValueError("Frame.captured_at must carry a time zone")
