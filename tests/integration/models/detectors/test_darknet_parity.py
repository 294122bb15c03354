"""The YOLOv3 family against OpenCV 4's Darknet importer: 0.05 px and 1e-3 in score."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from config.sections.detector import DetectorSettings
from models.boxes import iou_matrix
from models.detectors.darknet_cfg import read_definition
from models.preprocess import stretch
from models.registry import build_detector
from pipeline.image_files import read_image
from tests.darknet_files import SMALL_RELATIVE, write_random_weights
from tests.opencv4_oracle import importer_rows, oracle_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.detections import Detections

_PIXELS = 0.05
_SCORE = 1e-3
_THRESHOLD = 0.05
_IOU = 0.45

_CFG = Path(str(files("models.detectors") / "cfg"))


def _images(count: int, height: int, width: int) -> NDArray[np.uint8]:
    """Blurred noise with bright bars, so that neighbouring cells differ."""
    generator = np.random.default_rng(3)
    coarse = generator.integers(0, 256, (count, height // 8, width // 8, 3), np.uint8)
    images = coarse.repeat(8, 1).repeat(8, 2)
    images[:, height // 4 : height // 2, width // 3 : width // 2] = 230
    return images


def _persons(
    rows: NDArray[np.float32], size: tuple[int, int], person_class: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The importer's boxes of persons in pixels, by falling score."""
    height, width = size
    score = 5 + person_class
    rows = rows[rows[:, score] >= _THRESHOLD]
    rows = rows[np.argsort(-rows[:, score], kind="stable")]
    centre, half = rows[:, :2], rows[:, 2:4] / 2
    scale = np.array([width, height, width, height], np.float32)
    return np.concatenate([centre - half, centre + half], 1) * scale, rows[:, score]


def _suppressed(xyxy: NDArray[np.float32]) -> list[int]:
    """What stays of sorted boxes, the plain way."""
    overlap = iou_matrix(xyxy, xyxy)
    kept: list[int] = []
    for index in range(len(xyxy)):
        if not kept or overlap[index, kept].max() <= _IOU:
            kept.append(index)
    return kept


def _assert_each_found(xyxy: NDArray[np.float32], scores: NDArray[np.float32], found: Detections) -> None:
    """By place, not by order: scores that differ by less than the tolerance may change places."""
    distance = np.abs(found.xyxy[:, None] - xyxy[None]).max(2)  # (ours, importer's)
    match = distance.argmin(0)
    assert distance[match, range(len(xyxy))].max(initial=0) <= _PIXELS
    np.testing.assert_allclose(found.confidence[match], scores, rtol=0, atol=_SCORE)


def _assert_same(
    cfg: Path, weights: Path, images: NDArray[np.uint8], settings: DetectorSettings, scratch: Path
) -> None:
    settings = settings.model_copy(
        update={
            "precision": "f32",
            "score_threshold": _THRESHOLD,
            "nms_iou_threshold": _IOU,
            "max_detections": 100_000,
        }
    )
    everything = settings.model_copy(update={"nms_iou_threshold": 1.0})
    found = build_detector(settings, weights).detect(list(images))
    candidates = build_detector(everything, weights).detect(list(images))
    boxes = 0
    for kept, raw, rows in zip(found, candidates, importer_rows(cfg, weights, images, scratch), strict=True):
        xyxy, scores = _persons(rows, images.shape[1:3], settings.person_class)
        _assert_each_found(xyxy, scores, raw)
        stay = _suppressed(xyxy)
        assert len(kept) == len(stay)
        _assert_each_found(xyxy[stay], scores[stay], kept)
        boxes += len(xyxy)
    assert boxes >= 10, "too few boxes to compare"


@pytest.mark.data
@pytest.mark.weights
@pytest.mark.parametrize("runtime", ["openvino", "torch"])
@pytest.mark.parametrize("size", [(416, 544), (320, 320)])
def test_real_tiny_weights(
    runtime: Literal["openvino", "torch"],
    size: tuple[int, int],
    tiny_weights: Path,
    data_dir: Path,
    tmp_path: Path,
) -> None:
    oracle_folder()
    paths = sorted((data_dir / "people" / "pennfudan").rglob("*.jpg"))[:6]
    assert paths
    images = np.stack([stretch(read_image(path), *size)[0] for path in paths])
    settings = DetectorSettings(
        input_height_px=size[0],
        input_width_px=size[1],
        runtime=runtime,
    )
    _assert_same(_CFG / "yolov3-tiny.cfg", tiny_weights, images, settings, tmp_path)


@pytest.mark.parametrize(
    ("name", "runtime"), [("yolov3", "torch"), ("yolov3-spp", "torch"), ("yolov3-tiny", "openvino")]
)
def test_random_weights(name: str, runtime: Literal["openvino", "torch"], scratch: Path) -> None:
    oracle_folder()
    height, width = 128, 192
    cfg = _CFG / f"{name}.cfg"
    weights = scratch / f"{name}.weights"
    images = _images(3, height, width)
    write_random_weights(weights, read_definition(cfg, height, width), images)
    settings = DetectorSettings(
        name=name,
        input_height_px=height,
        input_width_px=width,
        runtime=runtime,
    )
    _assert_same(cfg, weights, images, settings, scratch)


@pytest.mark.parametrize(("runtime", "person_class"), [("openvino", 0), ("torch", 0), ("torch", 1)])
def test_small_relative_with_grouped_convolutions(
    runtime: Literal["openvino", "torch"], person_class: int, scratch: Path
) -> None:
    oracle_folder()
    cfg, weights = scratch / "small.cfg", scratch / "small.weights"
    cfg.write_text(SMALL_RELATIVE)
    definition = read_definition(cfg)
    settings = DetectorSettings(
        name="darknet", definition_file=cfg, runtime=runtime, person_class=person_class
    )
    images = _images(3, definition.height, definition.width)
    write_random_weights(weights, definition, images)
    _assert_same(cfg, weights, images, settings, scratch)
