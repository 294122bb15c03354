"""Measures of pictures that are made so that the answer is known."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from config.sections.health import HealthSettings
from pipeline.camera_health.displacement import ComparedPicture, displacement
from pipeline.camera_health.measures import PictureMeasures, PictureMeter
from pipeline.capture.privacy import PrivacyMask

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEIGHT, _WIDTH = 360, 640
_LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


@pytest.fixture(scope="module")
def wall() -> NDArray[np.uint8]:
    """Larger than the picture, with detail of every size."""
    rng = np.random.default_rng(11)
    total = np.zeros((480, 840), np.float32)
    for cells in (8, 24, 72, 240):
        coarse = rng.normal(0, 1, (cells * 480 // 840, cells)).astype(np.float32)
        total += cv2.resize(coarse, (840, 480), interpolation=cv2.INTER_CUBIC)
    return np.asarray((total * 22 + 120).clip(10, 245), np.uint8)


def view(wall: NDArray[np.uint8], right: int = 0, down: int = 0) -> NDArray[np.uint8]:
    """What a camera sees of the wall; it looks so many pixels further right and down."""
    return wall[60 + down :, 100 + right :][:_HEIGHT, :_WIDTH].copy()


def measured(meter: PictureMeter, grey: NDArray[np.uint8], time_s: float = 100.0) -> PictureMeasures:
    return meter.measure(grey, time_s)


@pytest.fixture
def meter() -> PictureMeter:
    return PictureMeter(HealthSettings())


@pytest.fixture
def used(meter: PictureMeter, wall: NDArray[np.uint8]) -> PictureMeter:
    """One that has seen the wall for so long that it has a reference."""
    for second in range(10):
        meter.measure(view(wall), float(second))
    return meter


def test_measures_are_small_enough_to_be_sent(used: PictureMeter, wall: NDArray[np.uint8]) -> None:
    measures = measured(used, view(wall))
    sent = pickle.dumps(measures)
    assert len(sent) < 400
    assert pickle.loads(sent) == measures  # noqa: S301


def test_due_once_a_second(meter: PictureMeter, wall: NDArray[np.uint8]) -> None:
    assert meter.due(5.0)
    meter.measure(view(wall), 5.0)
    assert [meter.due(time_s) for time_s in (5.1, 5.9, 6.0, 9.0)] == [False, False, True, True]
    assert meter.due(4.0)


def test_mean_and_contrast(meter: PictureMeter) -> None:
    grey = np.full((_HEIGHT, _WIDTH), 50, np.uint8)
    grey[:, _WIDTH // 2 :] = 150
    measures = measured(meter, grey)
    assert measures.mean == pytest.approx(100, abs=0.5)
    assert measures.contrast == pytest.approx(50, abs=0.5)


def test_masked_areas_do_not_count(meter: PictureMeter) -> None:
    grey = np.full((_HEIGHT, _WIDTH), 150, np.uint8)
    measures = meter.measure(grey, 0.0, PrivacyMask([_LEFT_HALF], _HEIGHT, _WIDTH))
    assert measures.mean == pytest.approx(150)
    assert measures.contrast == pytest.approx(0)
    assert measures.sharpness == 0


def test_a_wholly_masked_picture_has_no_contrast(meter: PictureMeter, wall: NDArray[np.uint8]) -> None:
    everything = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    mask = PrivacyMask([everything], _HEIGHT, _WIDTH)
    for second in range(12):
        measures = meter.measure(view(wall), float(second), mask)
    assert (measures.mean, measures.contrast, measures.sharpness, measures.place) == (0, 0, 0, None)


def test_one_point_by_one_level_is_change(meter: PictureMeter, wall: NDArray[np.uint8]) -> None:
    """Made smaller it would be rounded away."""
    assert measured(meter, view(wall)).change is None
    assert measured(meter, view(wall)).change == 0
    changed = view(wall)
    changed[100, 100] ^= 1
    assert measured(meter, changed).change == pytest.approx(1 / (_HEIGHT * _WIDTH))


def test_the_callers_picture_may_be_overwritten(meter: PictureMeter, wall: NDArray[np.uint8]) -> None:
    """The decoder uses its memory again."""
    grey = view(wall)
    measured(meter, grey)
    grey[:] = 0
    assert (measured(meter, grey).change or 0) > 1


def test_sharpness_is_that_of_the_lens_and_not_of_the_light(
    meter: PictureMeter, wall: NDArray[np.uint8]
) -> None:
    sharp = measured(meter, view(wall)).sharpness
    dim = measured(meter, (view(wall) * 0.4).astype(np.uint8)).sharpness
    blurred = measured(meter, np.asarray(cv2.GaussianBlur(view(wall), (0, 0), 4.0), np.uint8)).sharpness
    assert dim == pytest.approx(sharp, rel=0.1)
    assert blurred < 0.25 * sharp


def test_a_printed_time_does_not_hide_a_blur(meter: PictureMeter, wall: NDArray[np.uint8]) -> None:
    sharp = measured(meter, view(wall)).sharpness
    blurred = np.asarray(cv2.GaussianBlur(view(wall), (0, 0), 4.0), np.uint8)
    cv2.putText(blurred, "2026-01-31 22:00:00", (10, 30), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 2)
    assert measured(meter, blurred).sharpness < 0.3 * sharp


@pytest.mark.parametrize(("right", "down"), [(0, 0), (32, 0), (-64, 16), (0, -48), (100, 50)])
def test_place(used: PictureMeter, wall: NDArray[np.uint8], right: int, down: int) -> None:
    """A camera that looks further right sees the background further left."""
    place = measured(used, view(wall, right, down)).place
    assert place is not None
    assert place.dx * _WIDTH == pytest.approx(-right, abs=3)
    assert place.dy * _WIDTH == pytest.approx(-down, abs=3)
    assert place.is_moved(0.04) is (abs(right) + abs(down) > 0)


def test_place_beside_a_mask(meter: PictureMeter, wall: NDArray[np.uint8]) -> None:
    """The mask does not move with the camera, and has the strongest edges of the picture."""
    mask = PrivacyMask([((0.3, 0.0), (0.5, 0.0), (0.5, 1.0), (0.3, 1.0))], _HEIGHT, _WIDTH)
    for second in range(10):
        meter.measure(view(wall), float(second), mask)
    place = meter.measure(view(wall, right=48), 10.0, mask).place
    assert place is not None
    assert place.dx * _WIDTH == pytest.approx(-48, abs=4)
    assert place.is_moved(0.04)


_STRIPES = [((x, 0.0), (x + 0.06, 0.0), (x + 0.06, 1.0), (x, 1.0)) for x in (0.09, 0.34, 0.59, 0.84)]
"""Masks with an edge in every tile."""


def test_the_edges_of_masks_are_no_detail(meter: PictureMeter) -> None:
    mask = PrivacyMask(_STRIPES, _HEIGHT, _WIDTH)
    assert meter.measure(np.full((_HEIGHT, _WIDTH), 150, np.uint8), 0.0, mask).sharpness == 0


def test_the_edges_of_masks_are_no_likeness(meter: PictureMeter, wall: NDArray[np.uint8]) -> None:
    mask = PrivacyMask(_STRIPES, _HEIGHT, _WIDTH)
    for second in range(10):
        meter.measure(view(wall), float(second), mask)
    elsewhere = view(wall)[::-1, ::-1].copy()
    places = [meter.measure(elsewhere, second, mask).place for second in (11.0, 12.0)]
    assert places[1] is not None
    assert places[1].is_another_view


def test_another_view_that_stands_still(used: PictureMeter, wall: NDArray[np.uint8]) -> None:
    elsewhere = view(wall)[::-1, ::-1].copy()
    measured(used, elsewhere)
    place = measured(used, elsewhere).place
    assert place is not None
    assert place.is_another_view
    assert place.is_moved(0.04)


def test_noise_is_no_view(used: PictureMeter) -> None:
    rng = np.random.default_rng(2)
    for _ in range(2):
        place = measured(used, rng.integers(0, 256, (_HEIGHT, _WIDTH), np.uint8)).place
    assert place is not None
    assert place.is_moved(0.04) is None


def test_a_moved_camera_stays_moved(used: PictureMeter, wall: NDArray[np.uint8]) -> None:
    """The reference is not renewed by pictures of another place, in an hour neither."""
    for second in range(10, 3600, 20):
        place = used.measure(view(wall, right=64), float(second)).place
    assert place is not None
    assert place.dx == pytest.approx(-0.1, abs=0.01)


def test_the_reference_follows_slow_changes(used: PictureMeter, wall: NDArray[np.uint8]) -> None:
    """The scene becomes another over hours, its patches one after the other."""
    other = wall[::-1, ::-1]
    patches = np.random.default_rng(3).permutation(40 * 23).reshape(23, 40)
    order = np.kron(patches, np.ones((16, 16)))[:_HEIGHT, :_WIDTH]
    for step in range(41):
        mixed = np.where(order < 920 * step / 40, view(other), view(wall)).astype(np.uint8)
        for second in range(12):
            place = used.measure(mixed, 100.0 + 31 * (12 * step + second)).place
            assert place is not None
            assert not place.is_moved(0.04)
    assert place is not None
    assert place.likeness > 0.9


def test_covered_and_dark_pictures_make_no_reference(meter: PictureMeter, wall: NDArray[np.uint8]) -> None:
    for second in range(20):
        meter.measure(np.full((_HEIGHT, _WIDTH), 100, np.uint8), float(second))
        dark = meter.measure((view(wall) * 0.18).astype(np.uint8), second + 0.5)
    assert dark.contrast > HealthSettings().covered_contrast
    assert measured(meter, view(wall)).place is None


def test_a_reference_that_says_nothing_is_made_anew(used: PictureMeter, wall: NDArray[np.uint8]) -> None:
    """Negatives have the same contours but no common place: neither match nor contradiction."""
    negative = 255 - view(wall)
    places = [used.measure(negative, float(second)).place for second in range(10, 680)]
    assert places[-1] is not None
    assert places[-1].is_moved(0.04) is False
    assert places[100] is not None
    assert places[100].is_moved(0.04) is None


def test_another_size_starts_anew(used: PictureMeter, wall: NDArray[np.uint8]) -> None:
    measures = measured(used, view(wall)[:300])
    assert (measures.change, measures.place) == (None, None)


def test_a_scene_without_contours_is_never_another_view() -> None:
    flat = ComparedPicture(np.full((90, 160), 100, np.uint8))
    beside = displacement(flat, flat, flat)
    assert (beside.likeness, beside.steadiness) == (0, 0)
    assert not beside.is_another_view


def test_what_was_worked_out_once_tells_the_same(wall: NDArray[np.uint8]) -> None:
    """A black point takes the way of masked pictures, on which everything is worked out for each pair."""
    rng = np.random.default_rng(5)
    small = [
        np.asarray(cv2.resize(view(wall, right), (160, 90), interpolation=cv2.INTER_AREA))
        for right in (0, 8, 4)
    ]
    noisy = [(each + rng.integers(0, 6, each.shape)).astype(np.uint8) for each in small]
    whole = displacement(*(ComparedPicture(each) for each in noisy))
    noisy[1][0, 0] = 0
    dotted = displacement(*(ComparedPicture(each) for each in noisy))
    assert (whole.dx, whole.dy) == pytest.approx((dotted.dx, dotted.dy), abs=0.002)
    assert whole.confidence == pytest.approx(dotted.confidence, abs=0.02)
    assert (whole.likeness, whole.steadiness) == pytest.approx((dotted.likeness, dotted.steadiness), abs=0.01)
