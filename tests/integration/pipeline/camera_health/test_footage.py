"""Camera health on a real recording: a well camera tells nothing, each trouble tells exactly itself, and its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from config.sections.health import HealthSettings
from pipeline.camera_health.measures import PictureMeter
from pipeline.camera_health.monitor import CameraHealthMonitor
from tests.vtest import RATE_HZ, grey_pictures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Trouble = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]

pytestmark = pytest.mark.data

_START = datetime(2026, 1, 31, 22, tzinfo=UTC)
_BEGAN, _ENDED = 40, 80


@pytest.fixture(scope="module")
def pictures(data_dir: Path) -> list[NDArray[np.uint8]]:
    """One a second of the recording's true rate: 114."""
    return grey_pictures(data_dir, 768, every=round(RATE_HZ))


def told(pictures: list[NDArray[np.uint8]]) -> list[tuple[str, float, float | None]]:
    """Faults with begin and end in seconds, from pictures a second apart."""
    meter, monitor = PictureMeter(HealthSettings()), CameraHealthMonitor("vtest", HealthSettings())
    events = []
    for second, grey in enumerate(pictures):
        now = _START + timedelta(seconds=second)
        events += monitor.connection(True, float(second), now)
        events += monitor.picture(meter.measure(grey, float(second)), float(second), now)
    return [
        (
            event.fault.value,
            (event.began_at - _START).total_seconds(),
            None if event.ended_at is None else (event.ended_at - _START).total_seconds(),
        )
        for event in events
    ]


def troubled(pictures: list[NDArray[np.uint8]], trouble: Trouble) -> list[NDArray[np.uint8]]:
    return [trouble(grey) if _BEGAN <= second < _ENDED else grey for second, grey in enumerate(pictures)]


def test_a_well_camera_has_no_faults(pictures: list[NDArray[np.uint8]]) -> None:
    assert len(pictures) == 114
    assert told(pictures) == []


def shifted(right: int, down: int) -> Trouble:
    def shift(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
        larger = cv2.copyMakeBorder(grey, 0, down, 0, right, cv2.BORDER_REFLECT)
        return np.asarray(larger[down:, right:], np.uint8).copy()

    return shift


def blurred(sigma_px: float) -> Trouble:
    return lambda grey: np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma_px), np.uint8)


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("covered", lambda grey: np.full_like(grey, 7)),
        ("covered", lambda grey: (grey * 0.03).astype(np.uint8)),
        ("covered", lambda grey: (110 + grey * 0.1).astype(np.uint8)),
        ("out_of_focus", blurred(4)),
        ("out_of_focus", blurred(12)),
        ("moved", shifted(40, 0)),
        ("moved", shifted(60, 60)),
        ("moved", shifted(160, 0)),
        ("moved", shifted(320, 0)),
    ],
)
def test_each_trouble_tells_itself_and_its_end(
    pictures: list[NDArray[np.uint8]], fault: str, trouble: Trouble
) -> None:
    assert told(troubled(pictures, trouble)) == [(fault, _BEGAN, None), (fault, _BEGAN, _ENDED)]


def test_frozen(pictures: list[NDArray[np.uint8]]) -> None:
    """The first of the pictures that stays is still another than the one before."""
    stays = pictures[_BEGAN]
    assert told(troubled(pictures, lambda _: stays)) == [
        ("frozen", _BEGAN + 1, None),
        ("frozen", _BEGAN + 1, _ENDED),
    ]


def test_turned_to_another_scene(pictures: list[NDArray[np.uint8]]) -> None:
    """The view, mirrored, has the same light and detail, and nothing in its place; it is believed once it stands still."""
    assert told(troubled(pictures, lambda grey: grey[:, ::-1].copy())) == [
        ("moved", _BEGAN + 1, None),
        ("moved", _BEGAN + 1, _ENDED),
    ]


def lights_off(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return (grey * 0.3).astype(np.uint8)


def night_with_noise(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    noise = np.random.default_rng(int(grey.sum())).normal(0, 5, grey.shape)
    return (grey * 0.15 + noise).clip(0, 255).astype(np.uint8)


def rain(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rng, wet = np.random.default_rng(int(grey.sum())), grey.copy()
    for x, y, length, level in rng.integers((0, 0, 10, 150), (768, 576, 40, 230), (400, 4)).tolist():
        cv2.line(wet, (x, y), (x + 3, y + length), level, 1)
    return wet


def somebody_close(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A dark shape without detail over half of the picture, unsteady."""
    x = int(np.random.default_rng(int(grey.sum())).integers(300, 420))
    shape = np.zeros(grey.shape, np.float32)
    cv2.ellipse(shape, (x, 400), (260, 420), 0, 0, 360, 1.0, -1)
    shape = np.asarray(cv2.GaussianBlur(shape, (0, 0), 12), np.float32)
    return (grey * (1 - shape) + 50 * shape).astype(np.uint8)


@pytest.mark.parametrize("harmless", [lights_off, night_with_noise, rain, somebody_close])
def test_what_looks_like_trouble_and_is_none(pictures: list[NDArray[np.uint8]], harmless: Trouble) -> None:
    assert told(troubled(pictures, harmless)) == []
