"""What torchvision's detectors do otherwise on a device, tried on the CPU: uploads, and half precision in parts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
import torch
from torchvision.models import detection as zoo

from config.errors import DeviceError
from config.sections.detector import DetectorSettings
from models.registry import build_detector
from models.runtime.half_precision import HalfPrecision, run_submodules_in_half
from models.runtime.uploads import DeviceUploads
from tests.late_lane import LateLane
from tests.torchvision_networks import settle

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from models.detectors.torchvision_detector import TorchvisionDetector


def _images() -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(5)
    shapes = [(15, 21), (12, 12), (15, 21), (20, 9)]
    return [rng.integers(0, 256, (*shape, 3), np.uint8).repeat(10, 0).repeat(10, 1) for shape in shapes]


@pytest.fixture
def detector(scratch: Path) -> TorchvisionDetector:
    network = zoo.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)
    settle(network)
    torch.save(network.state_dict(), scratch / "weights.pth")
    settings = DetectorSettings(name="ssdlite320", runtime="torch", device="cpu", score_threshold=0.02)
    return cast("TorchvisionDetector", build_detector(settings, scratch / "weights.pth"))


def test_uploaded_pictures_give_the_same_boxes_to_the_byte(detector: TorchvisionDetector) -> None:
    lane = LateLane()
    uploading = replace(detector, uploads=DeviceUploads(lane))
    expected = detector.detect(_images())
    found = uploading.detect([*_images()[:-1], _images()[-1][:, ::-1][:, ::-1]])
    assert lane.diary.count("upload") == 4
    assert min(len(each) for each in expected) > 0
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.xyxy.tobytes() == theirs.xyxy.tobytes()
        assert ours.confidence.tobytes() == theirs.confidence.tobytes()


def test_a_device_that_fails_ends_the_process(detector: TorchvisionDetector) -> None:
    def fail(*_: Any) -> None:
        raise torch.AcceleratorError("CUDA error: unspecified launch failure")

    detector.module.register_forward_pre_hook(fail)
    with pytest.raises(DeviceError, match="has failed: CUDA error: unspecified launch failure"):
        detector.detect(_images())


_BUILDERS = {
    "ssdlite320_mobilenet_v3_large": {"score_thresh": 0.02},
    "fasterrcnn_mobilenet_v3_large_320_fpn": {"box_score_thresh": 0.02},
}
_BF16_STEP = 2.0**-8
"""Of bfloat16 beside 1: 8 bits of significand."""


def _found(network: nn.Module) -> dict[str, Tensor]:
    picture = torch.from_numpy(_images()[0]).permute(2, 0, 1).float() / 255
    with torch.inference_mode():
        (found,) = network([picture])
    return cast("dict[str, Tensor]", found)


@pytest.mark.parametrize(
    "builder",
    [
        *("retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2", "ssd300_vgg16", *_BUILDERS),
        *("fasterrcnn_resnet50_fpn", "fasterrcnn_resnet50_fpn_v2"),
    ],
)
def test_every_network_has_all_its_convolutions_in_half_precision(builder: str) -> None:
    with torch.device("meta"):  # without weights, which take long to draw
        network = getattr(zoo, builder)(weights=None, weights_backbone=None)
    convolutions = {module for module in network.modules() if isinstance(module, torch.nn.Conv2d)}
    run_submodules_in_half(network, "cpu", torch.bfloat16)
    in_half = {
        inner
        for module in network.modules()
        if isinstance(module, HalfPrecision)
        for inner in module.modules()
    }
    assert convolutions
    assert convolutions <= in_half


@pytest.mark.parametrize("builder", _BUILDERS)
def test_half_precision_computes_features_and_leaves_boxes_exact(builder: str) -> None:
    options = _BUILDERS[builder]
    network = getattr(zoo, builder)(weights=None, weights_backbone=None, **options)
    settle(network)
    computed_in = set()
    convolutions = [module for module in network.modules() if isinstance(module, torch.nn.Conv2d)]
    for convolution in convolutions:
        convolution.register_forward_hook(lambda *arguments: computed_in.add(arguments[-1].dtype))
    expected = _found(network)
    assert computed_in == {torch.float32}
    computed_in.clear()
    run_submodules_in_half(network, "cpu", torch.bfloat16)
    found = _found(network)
    assert computed_in == {torch.bfloat16}, "a convolution was left out"
    assert found["boxes"].dtype == found["scores"].dtype == torch.float32
    rounded = found["boxes"].bfloat16().float()
    assert (rounded != found["boxes"]).float().mean() > 0.5, "boxes were rounded on the way"
    best, theirs = found["scores"].max(), expected["scores"].max()
    assert abs(best - theirs) < 16 * _BF16_STEP
