"""The default detector against torch eager f32, in one run; and that both detect the same.

The reference is the network as published: convolution, batch normalisation and activation one after the other,
all 80 classes, in torch eager, 32-bit floats. Times are of whole pictures in memory to boxes for Sitewatch, and
of resizing and the bare network for the reference, which is in its favour. How far convolutions without a faster
algorithm can go here is what a large matrix product reaches: docs/adr/0006.

    python -m benchmarks.detector [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
import torch
from torch import nn

from benchmarks.machine import describe
from config.sections.detector import DetectorSettings
from models.detectors.darknet import DarknetNetwork
from models.detectors.darknet_cfg import Convolutional, read_definition
from models.detectors.darknet_weights import read_weights
from models.detectors.input_size import FollowingInput
from models.detectors.yolov3 import build
from models.registry import build_detector
from models.weights import resolve
from pipeline.capture.opening import open_footage
from pipeline.evaluation.boxes import Box, read_labels
from pipeline.evaluation.detection import evaluate_detection, score_boxes
from pipeline.image_detection import detect_images
from pipeline.image_files import read_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_NAME = "yolov3-tiny"
_IMAGES = 16
_SIZES: tuple[tuple[int, int] | None, ...] = (None, (416, 544))
"""None: as by default, where the input follows the picture."""
_LEAST_SIZES_PX2 = (1, 100_000, 150_000, 226_304)
"""What small pictures are enlarged to; 150,000 is the default."""


def plain_network(weights: Path, height: int, width: int) -> nn.Module:
    """The published network with batch normalisation as layers of its own."""
    definition = read_definition(Path(str(files("models.detectors") / "cfg" / f"{_NAME}.cfg")), height, width)
    network = DarknetNetwork(definition, read_weights(weights, definition), class_index=None)
    for index, layer in enumerate(definition.layers):
        if isinstance(layer, Convolutional) and layer.batch_normalize:
            convolution, activation = cast("nn.Sequential", network.layers[index])
            network.layers[index] = nn.Sequential(convolution, nn.BatchNorm2d(layer.filters), activation)
    return network.eval()


def convolution_gflop(height: int, width: int) -> float:
    """Additions and multiplications of all convolutions of one image, in thousand millions."""
    definition = read_definition(Path(str(files("models.detectors") / "cfg" / f"{_NAME}.cfg")), height, width)
    flop = 0
    for layer, shape in zip(definition.layers, definition.shapes, strict=True):
        if isinstance(layer, Convolutional):
            kernel = layer.in_channels // layer.groups * layer.size**2
            flop += 2 * kernel * layer.filters * shape.height * shape.width
    return flop / 1e9


def matrix_product_gflops(rounds: int) -> float:
    """Thousand million operations a second of a large f32 matrix product, the best of ``rounds``."""
    side = 2048
    matrix = torch.randn(side, side)
    best_s = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        torch.mm(matrix, matrix)
        best_s = min(best_s, time.perf_counter() - start)
    return 2 * side**3 / best_s / 1e9


def compare_speed(images: list[NDArray[np.uint8]], rounds: int) -> None:
    """Print medians and ratios, rounds of all candidates interleaved."""
    weights = resolve(_NAME)
    for size in _SIZES:
        height, width = size or images[0].shape[:2]
        candidates = {
            "torch eager f32": _plain(plain_network(weights, height, width), height, width),
            "runtime torch f32": _ours("torch", size),
            "runtime auto": _ours("auto", size),
        }
        for run in candidates.values():
            run(images[:4])
        seconds: dict[str, list[float]] = {name: [] for name in candidates}
        for _ in range(rounds):
            for name, run in candidates.items():
                start = time.perf_counter()
                run(images)
                seconds[name].append((time.perf_counter() - start) / len(images))
        reference = statistics.median(seconds["torch eager f32"])
        for name, measured in seconds.items():
            median = statistics.median(measured)
            print(f"{_label(size)}  {name:18} {median * 1e3:7.1f} ms an image  {reference / median:5.2f} x")
        gflop, peak = convolution_gflop(height, width), matrix_product_gflops(rounds)
        print(
            f"{height}x{width}  {'bound in f32':18} {gflop / peak * 1e3:7.1f} ms an image  "
            f"{reference * peak / gflop:5.2f} x  ({gflop:.2f} GFLOP at {peak:.0f} GFLOP/s of a matrix product)"
        )


def _plain(network: nn.Module, height: int, width: int) -> Callable[[list[NDArray[np.uint8]]], None]:
    def run(images: list[NDArray[np.uint8]]) -> None:
        with torch.inference_mode():
            for image in images:
                network(torch.from_numpy(cv2.resize(image, (width, height))[None]))

    return run


def _label(size: tuple[int, int] | None) -> str:
    return "as the picture" if size is None else f"{size[0]}x{size[1]}"


def _settings(runtime: str, size: tuple[int, int] | None, score_threshold: float) -> DetectorSettings:
    return DetectorSettings.model_validate(
        {
            "name": _NAME,
            "runtime": runtime,
            "precision": "f32" if runtime == "torch" else "auto",
            "input_height_px": size and size[0],
            "input_width_px": size and size[1],
            "score_threshold": score_threshold,
        }
    )


def _ours(runtime: str, size: tuple[int, int] | None) -> Callable[[list[NDArray[np.uint8]]], object]:
    return build_detector(_settings(runtime, size, 0.1)).detect


def person_ap50(people: Path, settings: DetectorSettings, boxes: str = "boxes.csv") -> float:
    """Person AP50 of a detector on a folder with ``images`` and a table of boxes, as COCO defines it, in percent."""
    with TemporaryDirectory() as scratch:
        results = Path(scratch) / "results.json"
        detect_images([people / "images"], settings, results)
        return evaluate_detection(results, people / boxes, people / "images", draws=1).scores.ap50


def compare_quality(data: Path) -> None:
    """Print person AP50 on pennfudan with torch f32 and with the default runtime: must differ by at most 0.01."""
    for size in _SIZES:
        scores = {
            runtime: person_ap50(data / "people" / "pennfudan", _settings(runtime, size, 0.005))
            for runtime in ("torch", "auto")
        }
        print(
            f"{_label(size)}  pennfudan AP50: torch f32 {scores['torch']:.2f} %, default "
            f"{scores['auto']:.2f} %, difference {abs(scores['auto'] - scores['torch']):.3f} (must be <= 1)"
        )


def compare_input_sizes(people: Path) -> None:
    """Print person AP50 where the input follows the picture, and where all pictures have one size; then its least size."""
    for name, boxes in (("pennfudan", "boxes.csv"), ("coco", "person_boxes.csv")):
        for size in _SIZES:
            score = person_ap50(people / name, _settings("auto", size, 0.005), boxes)
            print(f"{_label(size):16}{name} AP50 {score:.2f} %")
    labels = read_labels(people / "pennfudan" / "boxes.csv")
    halved = {
        name: _halved(people / "pennfudan" / "images" / name)
        for name in sorted({box.image for box in labels})
    }
    truth = [Box(box.image, _scaled(box.ltwh, 0.5)) for box in labels]
    detector = build(_settings("auto", None, 0.005), None)
    for fewest in _LEAST_SIZES_PX2:
        least = replace(detector, input_size=FollowingInput(32, fewest, DetectorSettings().max_input_px2))
        found = [
            Box(name, (left, top, right - left, bottom - top), score)
            for name, image in halved.items()
            for boxes_found in least.detect([image])
            for (left, top, right, bottom), score in zip(
                boxes_found.xyxy.tolist(), boxes_found.confidence.tolist(), strict=True
            )
        ]
        ap50 = score_boxes(found, truth, list(halved), draws=1).scores.ap50
        print(f"pennfudan at half its size, enlarged to at least {fewest:7,} pixels: AP50 {ap50:.2f} %")


def _halved(path: Path) -> NDArray[np.uint8]:
    return np.asarray(
        cv2.resize(read_image(path), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8
    )


def _scaled(ltwh: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    left, top, width, height = ltwh
    return left * by, top * by, width * by, height * by


def _frames(data: Path | None) -> list[NDArray[np.uint8]]:
    if data is None:
        return list(np.random.default_rng(0).integers(0, 256, (_IMAGES, 576, 768, 3), np.uint8))
    with closing(open_footage(data / "footage" / "vtest.avi", camera_id="vtest", image_rate_hz=1)) as footage:
        return [frame.image for frame in islice(footage.frames(), _IMAGES)]


def main(rounds: int = 7) -> None:
    """Measure on frames of the sample recording, or on noise where there is no evaluation data."""
    print(describe())
    data = os.environ.get("SITEWATCH_DATA")
    compare_speed(_frames(Path(data) if data else None), rounds)
    if data:
        compare_quality(Path(data))
        compare_input_sizes(Path(data) / "people")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    main(parser.parse_args().rounds)
