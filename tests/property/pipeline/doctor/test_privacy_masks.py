"""Outlines that go once around an area are never called strange, whatever their shape."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from config.sections.cameras import CameraSettings
from pipeline.doctor.findings import Outcome
from pipeline.doctor.privacy_masks import check_privacy_masks

_RADII = st.lists(st.floats(0.05, 0.5), min_size=3, max_size=12)


@given(_RADII, st.booleans())
def test_a_star_around_its_centre_is_all_right(radii: list[float], backwards: bool) -> None:
    angles = [2 * math.pi * index / len(radii) for index in range(len(radii))]
    corners = [
        (min(1.0, 0.5 + r * math.cos(a)), min(1.0, 0.5 + r * math.sin(a)))
        for r, a in zip(radii, angles, strict=True)
    ]
    outline = tuple(reversed(corners) if backwards else corners)
    camera = CameraSettings(id="dock", source="x.mp4", privacy_masks=(outline,))
    assert [finding.outcome for finding in check_privacy_masks([camera])] == [Outcome.OK]
