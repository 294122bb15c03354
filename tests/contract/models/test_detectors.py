"""What every detector promises, on the stub and on real networks with random weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torchvision.models.detection import ssdlite320_mobilenet_v3_large

from config.sections.detector import DetectorSettings
from models.detections import PERSON_CLASS_ID, Detections
from models.detectors.darknet_cfg import parse_definition
from models.registry import build_detector
from tests.darknet_files import SMALL_RELATIVE, write_random_weights
from tests.torchvision_networks import settle

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from models.base import Detector

_SHAPES = ((96, 128), (1, 1), (37, 211), (480, 3), (135, 241))


def _images() -> list[NDArray[np.uint8]]:
    generator = np.random.default_rng(11)
    return [generator.integers(0, 256, (*shape, 3), np.uint8) for shape in _SHAPES]


def _picture() -> NDArray[np.uint8]:
    """Bright rectangles, the further to the right the brighter, on noise."""
    image = np.random.default_rng(12).integers(0, 100, (96, 128, 3), np.uint8)
    for number, left in enumerate(range(5, 120, 20)):
        image[20:70, left : left + 10] = 180 + 10 * number
    return image


def _build(kind: str, folder: Path, **thresholds: float) -> Detector:
    network, _, runtime = kind.partition(" ")
    settings: dict[str, object] = {
        "score_threshold": 0.01,
        "device": "cpu",
        "runtime": runtime or "auto",
        **thresholds,
    }
    if network == "darknet":
        settings["definition_file"] = folder / "small.cfg"
    weights = None if network == "stub" else folder / "random.weights"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "SITEWATCH_CACHE", str(folder / "cache")
        )  # the user's own is no place for random weights
        return build_detector(DetectorSettings.model_validate({"name": network, **settings}), weights)


def _draw_weights(network: str, folder: Path) -> None:
    if network == "darknet":
        (folder / "small.cfg").write_text(SMALL_RELATIVE)
        definition = parse_definition(SMALL_RELATIVE, "small.cfg")
        size = (2, definition.height, definition.width, 3)
        noise = np.random.default_rng(2).integers(0, 256, size, np.uint8)
        write_random_weights(folder / "random.weights", definition, noise)
    elif network == "ssdlite320":
        module = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)
        settle(module)
        torch.save(module.state_dict(), folder / "random.weights")


@pytest.fixture(scope="module", params=["stub", "darknet openvino", "darknet torch", "ssdlite320 torch"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights")
    _draw_weights(kind.partition(" ")[0], path)
    return path


@pytest.fixture(scope="module")
def detector(kind: str, folder: Path) -> Detector:
    return _build(kind, folder)


def _bytes(found: Detections) -> bytes:
    return found.xyxy.tobytes() + found.confidence.tobytes() + found.class_id.tobytes()


def test_one_answer_an_image_whatever_their_sizes(detector: Detector) -> None:
    found = detector.detect(_images())
    assert len(found) == len(_SHAPES)
    assert all(isinstance(detections, Detections) for detections in found)


def test_persons_by_falling_confidence(detector: Detector) -> None:
    answers = detector.detect([*_images(), _picture()])
    assert len(answers[-1]) > 2
    for found in answers:
        assert (found.class_id == PERSON_CLASS_ID).all()
        assert (np.diff(found.confidence) <= 0).all()


def test_thresholds_leave_the_best(kind: str, folder: Path, detector: Detector) -> None:
    whole = detector.detect([_picture()])[0]
    assert len(whole) > 2
    limited = _build(kind, folder, max_detections=2).detect([_picture()])[0]
    assert len(limited) <= 2
    np.testing.assert_array_equal(limited.confidence, whole.confidence[: len(limited)])
    middle = float(np.median(whole.confidence))
    sure = _build(kind, folder, score_threshold=middle).detect([_picture()])[0]
    assert 0 < len(sure) < len(whole)
    assert (sure.confidence >= np.float32(middle)).all()


def test_no_image_no_answer(detector: Detector) -> None:
    assert detector.detect([]) == []


def test_same_pictures_same_bytes_whatever_their_neighbours(detector: Detector) -> None:
    images = _images()
    together = [_bytes(found) for found in detector.detect(images)]
    again = [_bytes(found) for found in detector.detect(images)]
    alone = [_bytes(detector.detect([image])[0]) for image in images]
    backwards = [_bytes(found) for found in detector.detect(images[::-1])][::-1]
    assert together == again == alone == backwards


def test_more_pictures_than_a_batch(detector: Detector) -> None:
    count = detector.batch_size * 2 + 1
    image = _images()[0]
    found = detector.detect([image] * count)
    assert len({_bytes(detections) for detections in found}) == 1


def test_pictures_stay_as_they_are_and_may_be_views(detector: Detector) -> None:
    whole = np.random.default_rng(4).integers(0, 256, (200, 300, 3), np.uint8)
    before = whole.copy()
    view = whole[20:150:1, 40:260:2]
    (of_view,) = detector.detect([view])
    (of_copy,) = detector.detect([view.copy()])
    assert _bytes(of_view) == _bytes(of_copy)
    np.testing.assert_array_equal(whole, before)


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (0, 10, 3), (10, 10, 3, 1)])
def test_what_is_no_picture_is_refused_and_the_detector_lives_on(
    detector: Detector, shape: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="an image must"):
        detector.detect([_images()[0], np.zeros(shape, np.uint8)])
    assert len(detector.detect(_images())) == len(_SHAPES)


def test_provenance_names_the_network(detector: Detector) -> None:
    assert detector.provenance["network"] == detector.name
    if detector.name != "stub":
        assert set(detector.provenance) == {
            *("network", "weights", "weights_sha256", "input"),
            *("runtime", "device", "precision"),
        }
