"""What only a GPU can show. CI has none, and neither had the machine that this was written on: these have never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn

from config.sections.detector import DetectorSettings
from models.preprocess import SizedPicture
from models.registry import build_detector
from models.runtime.lanes import CudaLane
from models.runtime.network import NetworkSource
from models.runtime.torch_runtime import TorchNetwork
from models.runtime.uploads import DeviceUploads
from tests.torchvision_networks import settle

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


class _Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.convolution = nn.Conv2d(3, 16, 3, padding=1)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        x = images.permute(0, 3, 1, 2).to(self.convolution.weight.dtype) / 255
        return (self.convolution(x).float(),)


_SOURCE = NetworkSource(_Net, (1, -1, -1, 3), (1, 64, 96, 3), "uint8", "a network of this test")


def _images() -> list[NDArray[np.uint8]]:
    """More than fit into two batches, of sizes that take turns, large enough for copies to be under way."""
    rng = np.random.default_rng(0)
    sizes = [(1080, 1920), (576, 768), (64, 96)] * 15
    return [rng.integers(0, 256, (*size, 3), np.uint8) for size in sizes]


def test_uploads_arrive_whole_while_the_device_works() -> None:
    device = torch.device("cuda:0")
    uploads = DeviceUploads(CudaLane(device))
    busy = torch.rand(4096, 4096, device=device)
    sent = _images()
    for tensor, image in zip(uploads.each(sent), sent, strict=True):
        for _ in range(4):
            busy = (busy @ busy).clamp(0, 1)
        kept = tensor.clone()  # on the stream of the work, behind it
        np.testing.assert_array_equal(kept.cpu().numpy(), image)


@pytest.mark.parametrize(("precision", "tolerance"), [("f32", 5e-3), ("f16", 1e-2), ("bf16", 5e-2)])
def test_cuda_agrees_with_the_cpu(precision: str, tolerance: float) -> None:
    """Pictures may differ by a grey level, 1/255, and f32 convolutions may use TF32."""
    pictures = [SizedPicture(image, 64, 96) for image in _images()]
    ours = list(TorchNetwork(_SOURCE, "cuda:0", precision).infer_pictures(pictures))  # type: ignore[arg-type]
    theirs = list(TorchNetwork(_SOURCE, "cpu", "f32").infer_pictures(pictures))
    for (gpu,), (cpu,) in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(gpu, cpu, rtol=0, atol=tolerance)


def test_same_pictures_same_bytes_whatever_their_neighbours() -> None:
    network = TorchNetwork(_SOURCE, "cuda:0", "f16")
    pictures = [SizedPicture(image, 64, 96) for image in _images()[:20]]
    together = [output.tobytes() for (output,) in network.infer_pictures(pictures)]
    alone = [next(network.infer_pictures([picture]))[0].tobytes() for picture in pictures]
    backwards = [output.tobytes() for (output,) in network.infer_pictures(pictures[::-1])][::-1]
    assert together == alone == backwards


def test_torchvision_in_half_precision_places_boxes_exactly(tmp_path: Path) -> None:
    network = fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None)
    settle(network)
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    settings = DetectorSettings(
        name="fasterrcnn-mobilenet-320", device="cuda:0", precision="f16", score_threshold=0.02
    )
    detector = build_detector(settings, tmp_path / "weights.pth")
    found = detector.detect(_images()[:6])
    again = detector.detect(_images()[:6])
    boxes = np.concatenate([each.xyxy for each in found])
    assert len(boxes) > 0
    assert (boxes.astype(np.float16) != boxes).mean() > 0.5, "boxes were rounded on the way"
    for ours, theirs in zip(found, again, strict=True):
        np.testing.assert_array_equal(ours.xyxy, theirs.xyxy)
