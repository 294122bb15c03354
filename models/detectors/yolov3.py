"""Person detectors of the YOLOv3 family, from a Darknet description and its weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from config.errors import ConfigError
from models.boxes import non_maximum_suppression
from models.detections import Detections
from models.detectors.darknet_cfg import Yolo, read_definition
from models.detectors.fingerprint import file_sha256
from models.detectors.input_size import FixedInput, FollowingInput
from models.detectors.yolo_decoding import decode_heads
from models.preprocess import SizedPicture, check_image
from models.runtime.compiling import compile_network
from models.runtime.network import NetworkSource
from models.runtime.placement import place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import nn

    from config.sections.detector import DetectorSettings
    from models.detectors.darknet_cfg import NetworkDefinition
    from models.detectors.input_size import InputSize
    from models.runtime.network import CompiledNetwork

_OWN_DEFINITION = "darknet"
"""Name of the network that brings its own description; the others are trained on COCO, whose class 0 is *person*."""

_STRIDE = 32
"""The family halves its input five times."""


@dataclass(frozen=True, slots=True)
class YoloV3Detector:
    """A compiled network of the family and how its heads are read."""

    name: str
    batch_size: int
    provenance: dict[str, str]
    definition: NetworkDefinition
    input_size: InputSize
    network: CompiledNetwork
    score_threshold: float
    nms_iou_threshold: float
    max_detections: int

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """Persons of each (H, W, 3) uint8 BGR image, by falling confidence, in pixels of that image."""
        for image in images:
            check_image(image)
        pictures = [SizedPicture(image, *self.input_size.of(image)) for image in images]
        return [
            self._read(heads, picture)
            for heads, picture in zip(self.network.infer_pictures(pictures), pictures, strict=True)
        ]

    def _read(self, heads: Sequence[NDArray[np.float32]], picture: SizedPicture) -> Detections:
        input_size = picture.height, picture.width
        layers = [layer for layer in self.definition.layers if isinstance(layer, Yolo)]
        fractions, scores = decode_heads(heads, layers, input_size, self.score_threshold)
        height, width = picture.image.shape[:2]
        xyxy = fractions * np.array([width, height, width, height], np.float32)
        found, refused = Detections.sanitised(xyxy, scores)
        kept = non_maximum_suppression(
            found.xyxy, found.confidence, self.nms_iou_threshold, self.max_detections
        )
        return replace(found[kept], refused=refused)


_FEWEST_PX2 = 150_000
"""Below this the grid of the network is too coarse for people who fill the picture: see ``benchmarks/detector.py``."""


def build(settings: DetectorSettings, weights: Path | None) -> YoloV3Detector:
    """The network that ``settings.name`` names; ``darknet`` is the one that ``settings.definition_file`` describes.

    Raises:
        ConfigError: an input size that is no multiple of 32, or a file that ``darknet`` needs is not set.
        NetworkDefinitionError: a description that is wrong, or weights that do not fit it.
        WeightsError: the weights cannot be had.
        DeviceError: the device or precision is not available here.
    """
    definition = _definition(settings)
    input_size = _input_size(settings, definition)
    weights = weights or _catalogue_weights(settings)
    placement = place(settings)
    sha256 = file_sha256(weights)
    person = settings.person_class if settings.name == _OWN_DEFINITION else 0

    def build_module() -> nn.Module:
        from models.detectors.darknet import DarknetNetwork
        from models.detectors.darknet_weights import read_weights

        return DarknetNetwork(definition, read_weights(weights, definition), person)

    example = (1, definition.height, definition.width, 3)
    source = NetworkSource(
        build=build_module,
        input_shape=example if isinstance(input_size, FixedInput) else (1, -1, -1, 3),
        example_shape=example,
        input_dtype="uint8",
        fingerprint=f"darknet {sha256} {person} {definition}",
    )
    network = compile_network(source, placement, settings.batch_size)
    return YoloV3Detector(
        name=settings.name,
        batch_size=settings.batch_size or 4 * network.concurrency,
        provenance={
            "network": settings.name,
            "weights": weights.name,
            "weights_sha256": sha256,
            "input": str(input_size),
            "runtime": placement.runtime,
            "device": placement.device,
            "precision": placement.precision,
        },
        definition=definition,
        input_size=input_size,
        network=network,
        score_threshold=settings.score_threshold,
        nms_iou_threshold=settings.nms_iou_threshold,
        max_detections=settings.max_detections,
    )


def _definition(settings: DetectorSettings) -> NetworkDefinition:
    own = settings.name == _OWN_DEFINITION
    if own and settings.definition_file is None:
        raise ConfigError(f"detector.name {settings.name} needs detector.definition_file, a Darknet .cfg")
    if settings.definition_file is not None and not own:
        raise ConfigError(
            f"detector.definition_file is for the network {_OWN_DEFINITION}, not for {settings.name}"
        )
    height, width = settings.input_height_px, settings.input_width_px
    if (height is None) != (width is None):
        neither = "as its description says" if own else "to follow the picture"
        raise ConfigError(
            f"detector.input_height_px and detector.input_width_px: {settings.name} needs both, or neither {neither}"
        )
    _check_size(settings.name, height or _STRIDE, width or _STRIDE)
    path = settings.definition_file or Path(str(files("models.detectors") / "cfg" / f"{settings.name}.cfg"))
    definition = read_definition(path, height, width)
    _check_size(settings.name, definition.height, definition.width)
    if own and any(
        settings.person_class >= layer.classes for layer in definition.layers if isinstance(layer, Yolo)
    ):
        raise ConfigError(f"detector.person_class is {settings.person_class}; {path} has fewer classes")
    return definition


def _input_size(settings: DetectorSettings, definition: NetworkDefinition) -> InputSize:
    """Fixed where the settings or a description of the user's say so."""
    if settings.input_height_px is not None or settings.name == _OWN_DEFINITION:
        return FixedInput(definition.height, definition.width)
    return FollowingInput(_STRIDE, min(_FEWEST_PX2, settings.max_input_px2), settings.max_input_px2)


def _check_size(name: str, height: int, width: int) -> None:
    if height % _STRIDE or width % _STRIDE:
        raise ConfigError(
            f"detector input {height}x{width}: {name} needs multiples of {_STRIDE}; "
            f"try {max(1, round(height / _STRIDE)) * _STRIDE}x{max(1, round(width / _STRIDE)) * _STRIDE}"
        )


def _catalogue_weights(settings: DetectorSettings) -> Path:
    if settings.name == _OWN_DEFINITION:
        raise ConfigError(f"detector.name {settings.name} needs detector.weights_file")
    from models.weights import resolve

    return resolve(settings.name)
