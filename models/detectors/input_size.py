"""Which size a picture has when the network sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class FixedInput:
    """One size for all pictures.

    Attributes:
        height: pixels.
        width: pixels.
    """

    height: int
    width: int

    def of(self, image: NDArray[np.uint8]) -> tuple[int, int]:  # noqa: ARG002  whatever the picture
        """Height and width in pixels for an (H, W, 3) picture."""
        return self.height, self.width

    def __str__(self) -> str:
        return f"{self.height}x{self.width}"


@dataclass(frozen=True, slots=True)
class FollowingInput:
    """The size and shape of the picture itself, within bounds, in whole strides of the network.

    Attributes:
        stride_px: what both sides are multiples of.
        fewest_px2: smaller pictures are enlarged to about so many pixels.
        most_px2: larger ones are reduced to about so many.
    """

    stride_px: int
    fewest_px2: int
    most_px2: int

    def of(self, image: NDArray[np.uint8]) -> tuple[int, int]:
        """Height and width in pixels for an (H, W, 3) picture."""
        height, width = image.shape[:2]
        area = height * width
        scale = math.sqrt(min(max(area, self.fewest_px2), self.most_px2) / area)
        # of a picture like a thread one side is a stride and the other no longer than the pixels allow
        longest = max(1, self.most_px2 // self.stride_px**2)
        rows, columns = (
            min(max(1, round(side * scale / self.stride_px)), longest) for side in (height, width)
        )
        return rows * self.stride_px, columns * self.stride_px

    def __str__(self) -> str:
        return f"as the picture, {self.fewest_px2} to {self.most_px2} px^2"


InputSize = FixedInput | FollowingInput
