"""What can be measured in single pictures of a camera, about once a second."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.camera_health.displacement import ComparedPicture, displacement
from pipeline.camera_health.reference import BackgroundReference
from pipeline.capture.motion_gate import reduced_luma

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from config.sections.health import HealthSettings
    from pipeline.camera_health.displacement import Displacement
    from pipeline.capture.privacy import PrivacyMask

DARK = 25.0
"""Mean grey level of a night without lamps. Sharpness and place are not judged below: noise would be what is measured.

Measured on four scenes, darkened, with noise of 3 grey levels: at a mean of 24 noise makes them look up to 1.8 times as
sharp, at 12 up to 2 times.
"""
_EVERY_S = 1.0
_DETAIL_WIDTH_PX = 480
"""Detectors look at pictures of about this width: finer detail does not matter to them."""
_TILES = (8, 6)
"""Columns and rows of the tiles in which detail is measured."""
_SHARP_TILE = 0.75
"""Sharpness is that of the tile which three of four tiles stay below: a person close to the lens does not hide them all, and
the few with a printed time, always sharp, are above it."""


@dataclass(frozen=True, slots=True)
class PictureMeasures:
    """One picture of a camera in a few numbers, small enough to be sent along.

    Attributes:
        time_s: media time.
        mean: grey level, 0 to 255.
        contrast: standard deviation of the grey levels.
        sharpness: strength of the finest detail for its contrast; a blur of 3 pixels in 768 leaves 0.23 to 0.38 of it.
        change: mean absolute difference of the grey levels from the picture before, in full size; 0 only where none
            differs, None for the first.
        place: where the camera looks; None until there is a reference.
    """

    time_s: float
    mean: float
    contrast: float
    sharpness: float
    change: float | None
    place: Displacement | None


class PictureMeter:
    """Measures a camera's pictures. Keep it over reconnections: the reference of the background is in it.

    About a millisecond and a half for a picture of 768x576, once a second, and half as much again where something is masked.

    Args:
        settings: when pictures count as covered, and as moved.
    """

    def __init__(self, settings: HealthSettings) -> None:
        self._settings = settings
        self._due_s = -math.inf
        self._full: NDArray[np.uint8] | None = None
        self._before: ComparedPicture | None = None
        self._reference = BackgroundReference(settings.moved_fraction)

    def due(self, time_s: float) -> bool:
        """Whether the picture of this media time should be measured; also after time has gone back."""
        return not self._due_s - _EVERY_S <= time_s < self._due_s

    def measure(
        self, grey: NDArray[np.uint8], time_s: float, mask: PrivacyMask | None = None
    ) -> PictureMeasures:
        """The measures of a picture; the one before is the one measured before.

        Args:
            grey: (H, W) uint8, the upright grey picture in full size; only whether it changed is taken from there,
                for where pictures are made smaller the last signs of life are lost.
            time_s: media time.
            mask: areas that are left out of everything else.
        """
        import cv2

        self._due_s = time_s + _EVERY_S
        detail = reduced_luma(grey, _DETAIL_WIDTH_PX)
        seen = None
        if mask is not None and mask.hides:
            seen = np.full_like(detail, 255)
            mask.apply_luma(detail)
            mask.apply_luma(seen)
        mean, contrast = (float(value[0, 0]) for value in cv2.meanStdDev(detail, mask=seen))
        is_well = contrast >= self._settings.covered_contrast and mean >= DARK
        return PictureMeasures(
            time_s=time_s,
            mean=mean,
            contrast=contrast,
            sharpness=_detail_strength(detail, seen) / max(contrast, 1.0),
            change=self._change(grey),
            place=self._place(reduced_luma(detail), time_s, is_well=is_well),
        )

    def _change(self, grey: NDArray[np.uint8]) -> float | None:
        import cv2

        if self._full is None or self._full.shape != grey.shape:
            self._full = grey.copy()
            return None
        change = cv2.norm(self._full, grey, cv2.NORM_L1) / grey.size
        np.copyto(
            self._full, grey
        )  # into memory that is there: fetching more would take longer than comparing
        return change

    def _place(self, small: NDArray[np.uint8], time_s: float, *, is_well: bool) -> Displacement | None:
        before, now = self._before, ComparedPicture(small)
        self._before = now
        if before is not None and before.luma.shape != small.shape:
            before = None
            self._reference.forget()
        reference = self._reference.picture
        place = None if reference is None else displacement(reference, now, before)
        if is_well:
            self._reference.learn(small, place, time_s)
        return place


def _detail_strength(detail: NDArray[np.uint8], seen: NDArray[np.uint8] | None) -> float:
    """Root mean square of the Laplacian in the tile that is sharper than most, after noise is smoothed away.

    Args:
        detail: (h, w) uint8.
        seen: (h, w) uint8, 0 where ``detail`` is masked; None where nothing is.
    """
    import cv2

    smooth = cv2.GaussianBlur(detail.astype(np.float32), (3, 3), 0)
    edges = np.asarray(cv2.Laplacian(smooth, cv2.CV_32F), np.float32)
    if seen is not None:
        # The edges of masks are always sharp; the two kernels reach two points far.
        edges[np.asarray(cv2.erode(seen, np.ones((5, 5), np.uint8))) == 0] = 0
    energy = cv2.resize(np.square(edges, out=edges), _TILES, interpolation=cv2.INTER_AREA)
    return math.sqrt(_quantile(energy.ravel().tolist(), _SHARP_TILE))


def _quantile(values: list[float], share: float) -> float:
    """As ``np.quantile`` has it, which takes as long for a few values as the filters for the picture."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
