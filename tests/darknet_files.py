"""Darknet weights drawn at random, with scales at which a network still says something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from models.detectors.darknet import DarknetNetwork
from models.detectors.darknet_cfg import Convolutional, Yolo
from models.detectors.darknet_weights import ConvolutionWeights

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from models.detectors.darknet_cfg import NetworkDefinition

HEADER = np.array([0, 2, 5], "<i4").tobytes() + np.array([32013312], "<i8").tobytes()
"""Version 0.2.5 and the number of images seen."""

SMALL_RELATIVE = """
[net]
height=96
width=128
channels=3
# grouped convolutions, every kind of layer and activation that the family knows
[convolutional]
batch_normalize=1
filters=8
size=3
stride=2
pad=1
activation=mish
[convolutional]
batch_normalize=1
groups=8
filters=16
size=3
stride=2
pad=1
activation=swish
[convolutional]
batch_normalize=1
filters=16
size=1
stride=1
pad=1
activation=relu
[shortcut]
from=-2
activation=linear
[route]
layers=-1
groups=2
group_id=1
[convolutional]
batch_normalize=1
groups=4
filters=16
size=5
stride=2
pad=1
activation=leaky
[dropout]
probability=.15
[maxpool]
size=3
stride=1
[maxpool]
size=2
stride=1
[maxpool]
size=2
stride=2
[convolutional]
batch_normalize=1
filters=32
size=3
stride=2
pad=1
activation=leaky
[convolutional]
filters=21
size=1
stride=1
pad=1
activation=linear
[yolo]
mask=1,2,3
anchors=10,14, 23,27, 37,58, 81,82
classes=2
num=4
[route]
layers=10
[upsample]
stride=2
[route]
layers=-1,9
[convolutional]
batch_normalize=1
filters=16
size=1
stride=1
activation=logistic
[convolutional]
filters=7
size=1
stride=1
activation=linear
[yolo]
mask=0
anchors=10,14, 23,27, 37,58, 81,82
classes=2
num=4
scale_x_y=1.1
"""


def write_random_weights(
    path: Path, definition: NetworkDefinition, images: NDArray[np.uint8], seed: int = 0
) -> None:
    """Draw kernels, then set each batch normalisation to what its convolution really gives on ``images``.

    Heads are scaled so that scores spread over (0, 1) and boxes stay near their anchors.
    """
    generator = np.random.default_rng(seed)
    drawn = {
        index: _draw(layer, _head_row(definition, index), generator)
        for index, layer in enumerate(definition.layers)
        if isinstance(layer, Convolutional)
    }
    _observe(definition, drawn, images)
    with path.open("wb") as file:
        file.write(HEADER)
        for index, numbers in drawn.items():
            layer = definition.layers[index]
            assert isinstance(layer, Convolutional)
            file.write(numbers.darknet_bytes(batch_normalize=layer.batch_normalize))


@dataclass
class _Drawn:
    """A convolution and the normalisation after it: ``scale * (x - mean) / sqrt(variance) + bias``."""

    kernel: NDArray[np.float32]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    mean: NDArray[np.float32]
    variance: NDArray[np.float32]

    def darknet_bytes(self, *, batch_normalize: bool) -> bytes:
        """As in a weights file; without batch normalisation it is folded into kernel and bias."""
        arrays = [self.bias, self.scale, self.mean, self.variance, self.kernel]
        if not batch_normalize:
            factor = self.scale / np.sqrt(self.variance + 1e-6)
            arrays = [self.bias - self.mean * factor, self.kernel * factor[:, None, None, None]]
        return b"".join(array.astype("<f4").tobytes() for array in arrays)


def _draw(layer: Convolutional, head_row: int | None, generator: np.random.Generator) -> _Drawn:
    shape = (layer.filters, layer.in_channels // layer.groups, layer.size, layer.size)
    kernel = generator.standard_normal(shape, np.float32) / np.float32(np.sqrt(np.prod(shape[1:])))
    scale = generator.uniform(0.8, 1.2, layer.filters)
    if head_row is not None:  # x, y, then width and height, objectness and classes
        scale = np.where(np.isin(np.arange(layer.filters) % head_row, (2, 3)), 0.2, 1.5)
    bias = generator.normal(0, 0.1, layer.filters)
    nothing = np.zeros(layer.filters, np.float32)
    return _Drawn(kernel, scale.astype(np.float32), bias.astype(np.float32), nothing, nothing)


def _head_row(definition: NetworkDefinition, index: int) -> int | None:
    after = definition.layers[index + 1]
    return 5 + after.classes if isinstance(after, Yolo) else None


def _observe(definition: NetworkDefinition, drawn: dict[int, _Drawn], images: NDArray[np.uint8]) -> None:
    """Set mean and variance to those of each channel, everything before it being normalised already."""
    weights = {
        index: ConvolutionWeights(numbers.kernel, np.zeros(len(numbers.kernel), np.float32))
        for index, numbers in drawn.items()
    }
    network = DarknetNetwork(definition, weights, class_index=None).eval()

    def hook(numbers: _Drawn) -> Any:
        def normalise(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
            mean, variance = output.mean((0, 2, 3)), output.var((0, 2, 3), correction=0)
            numbers.mean, numbers.variance = mean.numpy(), variance.numpy()
            factor = torch.from_numpy(numbers.scale) / (variance + 1e-6).sqrt()
            bias = torch.from_numpy(numbers.bias)
            return (output - mean[:, None, None]) * factor[:, None, None] + bias[:, None, None]

        return normalise

    for index, numbers in drawn.items():
        block = network.layers[index]
        assert isinstance(block, nn.Sequential)
        block[0].register_forward_hook(hook(numbers))
    with torch.inference_mode():
        network(torch.from_numpy(images))
