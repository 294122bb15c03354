"""RetinaNet R50 at 800 px on an NVIDIA GPU: frames a second of the whole daemon, beside torchvision's own loop in f32.

torchvision's side is the loop of its documentation: one picture in memory after the other to the device, made a float
RGB tensor, through the network as built, boxes back. The daemon reads recordings as fast as it can use them and does all that it does:
decodes, batches, tracks, writes. Without the published weights both sides have the same random ones, which find nothing.
"""

from __future__ import annotations

import statistics
import time
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torchvision.models import detection as zoo

from benchmarks.live.figures import Figure
from benchmarks.live.films import pictures, sample
from benchmarks.live.sites import running_site, use
from config.errors import SitewatchError
from models.detectors.checkpoints import load_weights
from models.weights import resolve
from tests.streams import write_stream

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

    Image = NDArray[np.uint8]

_WHAT = "RetinaNet R50 at 800 px on a GPU, daemon / torchvision f32"
_MUST, _AIM = 4.0, 8.0
_NETWORK, _BUILDER = "retinanet-r50", "retinanet_resnet50_fpn"
_CAMERAS = 8
_PICTURES = 32
_SETTLE_S = 5.0
_PASSES = 4
"""Of the sample recording by each camera: 25,440 frames in all, more than a round can use up."""


def measure(*, quick: bool) -> list[Figure]:
    """Median of ratios, both sides in turn; says so where there is no CUDA device."""
    if not torch.cuda.is_available():
        return [Figure(_WHAT, None, "x", _MUST, _AIM, at_least=True, note="no CUDA device here")]
    rounds, seconds = (1, 8.0) if quick else (3, 25.0)
    with TemporaryDirectory() as folder:
        return [compare(Path(folder), "cuda", rounds, seconds)]


def compare(
    folder: Path, device: str, rounds: int, seconds: float, network: str = _NETWORK, builder: str = _BUILDER
) -> Figure:
    """The figure for a device; with a smaller network also where a GPU is missing, to try the measurement."""
    weights, trained = _weights(folder / "random.pth", network, builder)
    film = write_stream(
        folder / "vtest.mp4", (image for _ in range(_PASSES) for image in pictures(sample())), 10
    )
    images = list(islice(pictures(sample()), _PICTURES))
    module = _network(builder)
    load_weights(module, weights, 0.0)
    module = module.eval().to(device)
    plain, daemon = [], []
    for _ in range(rounds):
        plain.append(plain_rate_hz(module, images, device, seconds))
        daemon.append(
            _daemon_rate_hz(film, {"name": network, "weights_file": str(weights), "device": device}, seconds)
        )
    ratio = statistics.median(ours / theirs for ours, theirs in zip(daemon, plain, strict=True))
    note = (
        f"daemon {statistics.median(daemon):.1f}, torchvision {statistics.median(plain):.1f} frames/s of 768x576; "
        f"{_CAMERAS} recordings as fast as they are used; {trained} weights; {rounds} x {seconds:.0f} s each in turn"
    )
    return Figure(_WHAT, ratio, "x", _MUST, _AIM, at_least=True, note=note)


def plain_rate_hz(module: nn.Module, images: list[Image], device: str, seconds: float) -> float:
    """Frames a second of the network in torch eager, f32, one picture at a time."""
    stream = cycle(images)
    for image in islice(stream, 3):
        _detect(module, image, device)
    count, began_s = 0, time.perf_counter()
    while (took_s := time.perf_counter() - began_s) < seconds:
        _detect(module, next(stream), device)
        count += 1
    return count / took_s


def _detect(module: nn.Module, image: Image, device: str) -> NDArray[np.float32]:
    rgb = torch.from_numpy(np.ascontiguousarray(image[..., ::-1])).to(device)
    with torch.inference_mode():
        (found,) = module([rgb.permute(2, 0, 1).float() / 255])
    return np.asarray(found["boxes"].cpu().numpy(), np.float32)


def _daemon_rate_hz(film: Path, detector: dict[str, Any], seconds: float) -> float:
    cameras: list[dict[str, Any]] = [
        {"id": f"cam{n}", "source": str(film), "playback": "fast"} for n in range(_CAMERAS)
    ]
    with running_site(cameras, detector=detector) as daemon:
        time.sleep(_SETTLE_S)
        used = use(daemon, seconds)
    return used.processed / used.seconds


def _network(builder: str) -> nn.Module:
    module: nn.Module = getattr(zoo, builder)(weights=None, weights_backbone=None)
    return module


def _weights(path: Path, network: str, builder: str) -> tuple[Path, str]:
    """The published weights, or where they cannot be had random ones."""
    try:
        return resolve(network), "published"
    except SitewatchError:
        torch.manual_seed(0)
        torch.save(_network(builder).state_dict(), path)
        return path, "random"
