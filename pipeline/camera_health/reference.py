"""The background of a camera's view, without the people in it, renewed slowly: what its place is compared with."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from pipeline.camera_health.displacement import ComparedPicture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.camera_health.displacement import Displacement

_PICTURES = 9
"""The median of so many pictures shows no people who are in fewer than five of them."""
_RENEW_EVERY_S = 30.0
"""Light and shadows change within minutes: the pictures of the median lie so far apart."""
_STAYED_FRACTION = 0.01
"""The background lay within 0.005 of its place in 150 pictures of four scenes; farther is not learnt."""
_UNDECIDED_S = 600.0
"""A reference that pictures neither match nor contradict for so long says nothing any more, as one made by infrared may
by day: another one is made."""


class BackgroundReference:
    """The median of several pictures, taken only while the camera looks where it did.

    Args:
        moved_fraction: part of the picture's width that counts as moved.
    """

    def __init__(self, moved_fraction: float) -> None:
        self._moved_fraction = moved_fraction
        self._pictures: deque[NDArray[np.uint8]] = deque(maxlen=_PICTURES)
        self._renewed_s = 0.0
        self._decided_s = 0.0
        self.picture: ComparedPicture | None = None

    def forget(self) -> None:
        """Start anew, for pictures of another size."""
        self._pictures.clear()
        self.picture = None

    def learn(self, small: NDArray[np.uint8], place: Displacement | None, time_s: float) -> None:
        """Take a picture into account.

        Args:
            small: (h, w) uint8, of the same size at each call since the last :meth:`forget`; neither dark nor covered.
            place: where it lies beside the reference; None while there is none.
            time_s: media time.
        """
        if place is None:
            self._collect(small, time_s)
            return
        moved = place.is_moved(self._moved_fraction)
        if moved is not None or time_s < self._decided_s:
            self._decided_s = time_s
        elif time_s - self._decided_s > _UNDECIDED_S:
            self.forget()
            return
        stayed = moved is False and place.distance <= _STAYED_FRACTION
        if stayed and not 0 <= time_s - self._renewed_s < _RENEW_EVERY_S:
            self._collect(small, time_s)

    def _collect(self, small: NDArray[np.uint8], time_s: float) -> None:
        self._pictures.append(small)
        if len(self._pictures) == _PICTURES:
            middle = np.partition(np.stack(self._pictures), _PICTURES // 2, axis=0)
            self.picture = ComparedPicture(middle[_PICTURES // 2])
            self._renewed_s = self._decided_s = time_s
