"""Do privacy masks hide what they were meant to hide, and leave something to see?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.capture.privacy import PrivacyMask
from pipeline.doctor.findings import failure, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.sections.cameras import CameraSettings, Polygon
    from pipeline.doctor.findings import Finding

_HEIGHT, _WIDTH = 360, 640
"""Masks are drawn in a picture of this size; a pixel is 0.3 % of its height."""
_BLURRED_PX = 4
"""A mask may reach so far beyond its outline in a reduced picture: its margin of 1, one more for filling, and the pixels
that the outline only touches, on both of their sides."""


def check_privacy_masks(cameras: Sequence[CameraSettings]) -> Iterator[Finding]:
    """Each mask has an area and sides that do not cross, and not everything is masked."""
    for camera in cameras:
        if camera.privacy_masks:
            yield from _check(camera)


def _check(camera: CameraSettings) -> Iterator[Finding]:
    subject = f"privacy masks of {camera.id}"
    covered = _covered(camera.privacy_masks)
    if covered == 1:
        yield failure(
            subject, "they cover the whole picture", "check the corners: fractions of width and height"
        )
        return
    strange = [index for index, polygon in enumerate(camera.privacy_masks) if _is_strange(polygon)]
    for index in strange:
        yield warning(
            subject,
            f"the outline of privacy_masks.{index} encloses next to nothing, or crosses itself: its hull is black",
            "give the corners in order, once around the area",
        )
    if not strange:
        yield ok(subject, f"{len(camera.privacy_masks)} cover {covered:.0%} of the picture")


def _is_strange(polygon: Polygon) -> bool:
    """Whether far more becomes black than the outline encloses, or it encloses less than its own blurred edge."""
    corners = np.asarray(polygon, np.float64) * (_WIDTH, _HEIGHT)
    following = np.roll(corners, -1, axis=0)
    # The shoelace formula, in which what is enclosed clockwise and counterclockwise cancels out.
    enclosed = abs(float(np.sum(corners[:, 0] * following[:, 1] - corners[:, 1] * following[:, 0]))) / 2
    edge = float(np.linalg.norm(following - corners, axis=1).sum()) * _BLURRED_PX
    black = _covered((polygon,)) * _HEIGHT * _WIDTH
    return enclosed == 0 or black - enclosed > edge + _BLURRED_PX**2 * np.pi


def _covered(polygons: Sequence[Polygon]) -> float:
    """Fraction of the picture that becomes black."""
    picture = np.full((_HEIGHT, _WIDTH), 255, np.uint8)
    PrivacyMask(polygons, _HEIGHT, _WIDTH).apply_luma(picture)
    return float((picture == 0).mean())
