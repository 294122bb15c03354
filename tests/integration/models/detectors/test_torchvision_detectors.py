"""torchvision's detectors give what torchvision itself gives, with weights drawn at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.models import detection as zoo

from config.errors import NetworkDefinitionError
from config.sections.detector import DetectorSettings
from models.registry import build_detector
from tests.torchvision_networks import settle

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from models.detections import Detections

_BUILDERS = {
    "retinanet-r50": ("retinanet_resnet50_fpn", ""),
    "retinanet-r50-v2": ("retinanet_resnet50_fpn_v2", ""),
    "fasterrcnn-r50": ("fasterrcnn_resnet50_fpn", "box_"),
    "fasterrcnn-r50-v2": ("fasterrcnn_resnet50_fpn_v2", "box_"),
    "fasterrcnn-mobilenet-320": ("fasterrcnn_mobilenet_v3_large_320_fpn", "box_"),
    "ssd300-vgg16": ("ssd300_vgg16", ""),
    "ssdlite320": ("ssdlite320_mobilenet_v3_large", ""),
}
_FIXED = {"ssd300-vgg16", "ssdlite320"}


def _direct(name: str, **options: Any) -> nn.Module:
    builder, prefix = _BUILDERS[name]
    named = {f"{prefix}{key}": value for key, value in options.items() if not key.endswith("_size")}
    sizes = {key: value for key, value in options.items() if key.endswith("_size")}
    network: nn.Module = getattr(zoo, builder)(weights=None, weights_backbone=None, **named, **sizes)
    return network.eval()


def _image() -> NDArray[np.uint8]:
    generator = np.random.default_rng(5)
    coarse = generator.integers(0, 256, (15, 21, 3), np.uint8)
    return coarse.repeat(10, 0).repeat(10, 1)


def _expected(network: nn.Module, image: NDArray[np.uint8]) -> dict[str, Tensor]:
    picture = torch.from_numpy(image[..., ::-1].copy()).permute(2, 0, 1).float() / 255
    with torch.inference_mode():
        (found,) = network([picture])
    boxes = found["boxes"]
    visible = (boxes[:, 2:] > boxes[:, :2]).all(1)  # torchvision keeps boxes of which clipping left nothing
    persons = (found["labels"] == 1) & visible
    return {key: value[persons] for key, value in found.items()}


def _assert_same(found: Detections, expected: dict[str, Tensor], pixels: float, score: float) -> None:
    assert len(expected["scores"]), "no box to compare"
    assert len(found) == len(expected["scores"])
    np.testing.assert_allclose(found.confidence, expected["scores"].numpy(), rtol=0, atol=score)
    distance = np.abs(found.xyxy[:, None] - expected["boxes"].numpy()[None]).max(2)
    assert distance.min(1).max() <= pixels


def _options(name: str) -> dict[str, Any]:
    sizes = {} if name in _FIXED else {"min_size": 160, "max_size": 224}
    return {"score_thresh": 0.02, "nms_thresh": 0.6, "detections_per_img": 200, **sizes}


def _settings(name: str, runtime: Literal["torch", "openvino"]) -> DetectorSettings:
    return DetectorSettings(
        name=name,
        runtime=runtime,
        device="cpu",
        precision="f32",
        score_threshold=0.02,
        nms_iou_threshold=0.6,
        max_detections=200,
        input_height_px=None if name in _FIXED else 160,
        input_width_px=None if name in _FIXED else 224,
    )


@pytest.mark.parametrize("name", _BUILDERS)
def test_equals_a_direct_call(name: str, scratch: Path) -> None:
    direct = _direct(name, **_options(name))
    settle(direct)
    weights = scratch / "weights.pth"
    torch.save(direct.state_dict(), weights)
    detector = build_detector(_settings(name, "torch"), weights)
    (found,) = detector.detect([_image()])
    _assert_same(found, _expected(direct, _image()), pixels=0.05, score=1e-3)


@pytest.mark.parametrize("name", ["ssdlite320", "fasterrcnn-mobilenet-320"])
def test_openvino_equals_a_direct_call(name: str, scratch: Path) -> None:
    direct = _direct(name, **_options(name))
    settle(direct)
    weights = scratch / "weights.pth"
    torch.save(direct.state_dict(), weights)
    detector = build_detector(_settings(name, "openvino"), weights)
    assert detector.provenance["runtime"] == "openvino"
    (found,) = detector.detect([_image()])
    _assert_same(found, _expected(direct, _image()), pixels=0.05, score=1e-3)


def test_weights_trained_with_frozen_normalisation_use_its_epsilon(scratch: Path) -> None:
    """torchvision's own way of loading its published weights is the reference."""
    direct = _direct("retinanet-r50", **_options("retinanet-r50"))
    settle(direct)
    state = {key: value for key, value in direct.state_dict().items() if "num_batches_tracked" not in key}
    weights = scratch / "weights.pth"
    torch.save(state, weights)
    detector = build_detector(_settings("retinanet-r50", "torch"), weights)
    for module in direct.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps = torch.finfo(torch.float32).tiny  # as good as 0, which some versions of torch refuse
    (found,) = detector.detect([_image()])
    _assert_same(found, _expected(direct, _image()), pixels=0.05, score=1e-3)


def test_input_size_of_a_fixed_network_can_be_chosen(scratch: Path) -> None:
    weights = scratch / "weights.pth"
    torch.save(_direct("ssdlite320").state_dict(), weights)
    settings = DetectorSettings(
        name="ssdlite320", runtime="torch", input_height_px=256, input_width_px=384, device="cpu"
    )
    detector = build_detector(settings, weights)
    assert detector.provenance["input"] == "256x384"
    assert len(detector.detect([_image()])) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read"),
        (b"no state dict at all", "cannot be read"),
        ([1, 2], "holds no state dict"),
        ({"x": torch.zeros(1)}, "belong to another network"),
        ({"x": torch.full((1,), torch.nan)}, "not finite"),
    ],
)
def test_wrong_weights_are_refused(content: Any, message: str, scratch: Path) -> None:
    weights = scratch / "weights.pth"
    if isinstance(content, bytes):
        weights.write_bytes(content)
    else:
        torch.save(content, weights)
    with pytest.raises(NetworkDefinitionError, match=message):
        build_detector(DetectorSettings(name="ssdlite320", runtime="torch", device="cpu"), weights)
