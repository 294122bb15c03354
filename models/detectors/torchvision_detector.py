"""torchvision's person detectors: RetinaNet, Faster R-CNN, SSD and SSDlite.

Reference:
    Lin et al., "Focal Loss for Dense Object Detection", 2017 (RetinaNet); Ren et al., "Faster R-CNN", 2015;
    Liu et al., "SSD: Single Shot MultiBox Detector", 2016; Howard et al., "Searching for MobileNetV3", 2019 (SSDlite).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torchvision
from torchvision.models import detection as zoo
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from config.errors import NetworkDefinitionError
from models.detections import Detections
from models.detectors.checkpoints import load_weights
from models.detectors.fingerprint import file_sha256
from models.preprocess import check_image
from models.runtime.half_precision import run_submodules_in_half
from models.runtime.lanes import CudaLane, device_faults
from models.runtime.placement import place
from models.runtime.submodules import run_submodules_on_openvino
from models.runtime.uploads import DeviceUploads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from config.sections.detector import DetectorSettings

_PERSON_LABEL = 1
"""COCO's category id, which torchvision keeps."""

_HALF = {"f16": torch.float16, "bf16": torch.bfloat16}


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How torchvision makes a network, and how it was trained.

    Attributes:
        builder: name of the function in ``torchvision.models.detection``.
        size_px: short side and greatest long side; or height and width, for a network of fixed input.
        fixed: pictures are stretched to exactly ``size_px``.
        prefix: what the names of the thresholds start with.
        frozen_epsilon: of batch normalisation, in weights that were trained with it frozen.
    """

    builder: str
    size_px: tuple[int, int]
    fixed: bool = False
    prefix: str = ""
    frozen_epsilon: float = 1e-5


_RECIPES = {
    "retinanet-r50": _Recipe("retinanet_resnet50_fpn", (800, 1333), frozen_epsilon=0.0),
    "retinanet-r50-v2": _Recipe("retinanet_resnet50_fpn_v2", (800, 1333)),
    "fasterrcnn-r50": _Recipe("fasterrcnn_resnet50_fpn", (800, 1333), prefix="box_", frozen_epsilon=0.0),
    "fasterrcnn-r50-v2": _Recipe("fasterrcnn_resnet50_fpn_v2", (800, 1333), prefix="box_"),
    "fasterrcnn-mobilenet-320": _Recipe("fasterrcnn_mobilenet_v3_large_320_fpn", (320, 640), prefix="box_"),
    "ssd300-vgg16": _Recipe("ssd300_vgg16", (300, 300), fixed=True),
    "ssdlite320": _Recipe("ssdlite320_mobilenet_v3_large", (320, 320), fixed=True),
}


@dataclass(frozen=True, slots=True)
class TorchvisionDetector:
    """One of torchvision's detection networks, asked for persons only."""

    name: str
    batch_size: int
    provenance: dict[str, str]
    module: nn.Module
    device: str
    uploads: DeviceUploads | None

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """Persons of each (H, W, 3) uint8 BGR image, by falling confidence, in pixels of that image.

        Pictures go through one by one: torchvision pads those of a batch to a common size, which would let a
        picture's boxes depend on its neighbours.

        Raises:
            DeviceError: the device has failed.
        """
        for image in images:
            check_image(image)
        with device_faults(self.device):
            return [self._detect(rgb) for rgb in self._pictures(images)]

    def _pictures(self, images: Iterable[NDArray[np.uint8]]) -> Iterator[Tensor]:
        """Each as (H, W, 3) uint8 RGB where the network is; on CUDA one is uploaded while another is looked at."""
        if self.uploads is None:
            return (torch.from_numpy(np.ascontiguousarray(image[..., ::-1])) for image in images)
        return (image.flip(-1) for image in self.uploads.each(images))

    def _detect(self, rgb: Tensor) -> Detections:
        picture = rgb.permute(2, 0, 1).contiguous().float() / 255  # (3, H, W)
        with torch.inference_mode():
            (found,) = self.module([picture])
            found = {name: tensor.cpu() for name, tensor in found.items()}
        persons = found["labels"] == _PERSON_LABEL
        boxes = found["boxes"][persons].numpy()
        detections, _ = Detections.sanitised(boxes, found["scores"][persons].numpy())
        by_confidence = np.argsort(-detections.confidence, kind="stable")
        # torchvision clips boxes to the picture: those of which nothing is left are no fault of the network
        return replace(detections[by_confidence], refused=int((~np.isfinite(boxes)).any(1).sum()))


def build(settings: DetectorSettings, weights: Path | None) -> TorchvisionDetector:
    """The network that ``settings.name`` names, with its weights loaded.

    Raises:
        NetworkDefinitionError: the weights do not fit the network.
        WeightsError: they cannot be had.
        DeviceError: the device or precision is not available here.
    """
    recipe = _RECIPES[settings.name]
    placement = place(settings)
    if weights is None:
        from models.weights import resolve

        weights = resolve(settings.name)
    sha256 = file_sha256(weights)
    size = (settings.input_height_px or recipe.size_px[0], settings.input_width_px or recipe.size_px[1])
    module = _module(recipe, settings, size)
    load_weights(module, weights, recipe.frozen_epsilon)
    module = module.eval().requires_grad_(requires_grad=False)
    if placement.runtime == "openvino":
        fingerprint = f"{settings.name} {sha256} torchvision {torchvision.__version__}"
        run_submodules_on_openvino(module, placement.precision, fingerprint)
    uploads = None
    if placement.device != "cpu":
        uploads = DeviceUploads(CudaLane(torch.device(placement.device)))
        module = module.to(placement.device).to(memory_format=torch.channels_last)
        if placement.precision in _HALF:
            run_submodules_in_half(module, "cuda", _HALF[placement.precision])
    return TorchvisionDetector(
        name=settings.name,
        batch_size=settings.batch_size or 1,
        provenance={
            "network": settings.name,
            "weights": weights.name,
            "weights_sha256": sha256,
            "input": "x".join(str(side) for side in size),
            "runtime": placement.runtime,
            "device": placement.device,
            "precision": placement.precision,
        },
        module=module,
        device=placement.device,
        uploads=uploads,
    )


def _module(recipe: _Recipe, settings: DetectorSettings, size: tuple[int, int]) -> nn.Module:
    options: dict[str, Any] = {
        f"{recipe.prefix}score_thresh": settings.score_threshold,
        f"{recipe.prefix}nms_thresh": settings.nms_iou_threshold,
        f"{recipe.prefix}detections_per_img": settings.max_detections,
    }
    if not recipe.fixed:
        options |= {"min_size": size[0], "max_size": max(size)}
    build_module = getattr(zoo, recipe.builder)
    module: nn.Module = build_module(weights=None, weights_backbone=None, **options)
    if recipe.fixed and size != recipe.size_px:
        before = module.transform
        if not isinstance(before, GeneralizedRCNNTransform):
            raise NetworkDefinitionError(f"torchvision {torchvision.__version__} changed {recipe.builder}")
        module.transform = GeneralizedRCNNTransform(
            min(size), max(size), before.image_mean, before.image_std, size_divisible=1, fixed_size=size[::-1]
        )
    return module
