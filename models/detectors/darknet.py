"""A Darknet network as a torch module: uint8 BGR images in, raw detection heads out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.detectors.darknet_cfg import (
    Convolutional,
    Identity,
    MaxPool,
    Route,
    Shape,
    Shortcut,
    Upsample,
    Yolo,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from models.detectors.darknet_cfg import Layer, NetworkDefinition
    from models.detectors.darknet_weights import ConvolutionWeights

_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "linear": nn.Identity,
    "leaky": lambda: nn.LeakyReLU(0.1),
    "relu": nn.ReLU,
    "logistic": nn.Sigmoid,
    "mish": nn.Mish,
    "swish": nn.SiLU,
}


class DarknetNetwork(nn.Module):
    """The layers of a description with their weights, for one object class.

    Only the box, the objectness and the class asked for are computed by the last convolution of each head: the
    other rows of its kernel are left out, which changes nothing for the class asked for. Scaling to [0, 1] and the
    change from BGR to RGB are folded into the first kernel, so the input stays exact in any precision.

    Args:
        definition: the network.
        weights: of each convolution, by layer index.
        class_index: the class to detect, in the network's own list; all classes when None.
    """

    def __init__(
        self,
        definition: NetworkDefinition,
        weights: Mapping[int, ConvolutionWeights],
        class_index: int | None = 0,
    ) -> None:
        super().__init__()
        self._layers = definition.layers
        self._heads = definition.heads
        self._kept = _indices_read_later(definition)
        modules: list[nn.Module] = _modules(definition)
        for index, numbers in weights.items():
            convolution = cast("nn.Conv2d", cast("nn.Sequential", modules[index])[0])
            convolution.weight = nn.Parameter(torch.from_numpy(numbers.kernel.copy()), requires_grad=False)
            convolution.bias = nn.Parameter(torch.from_numpy(numbers.bias.copy()), requires_grad=False)
        first = cast("nn.Conv2d", cast("nn.Sequential", modules[0])[0])
        first.weight = nn.Parameter(first.weight.flip(1) / 255, requires_grad=False)
        if class_index is not None:
            _select_class(definition, modules, class_index)
        self.layers = nn.ModuleList(modules)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Raw heads of (N, H, W, 3) uint8 BGR images.

        Returns:
            For each head (N, anchors * (5 + classes), h, w): per anchor x, y, width, height, objectness and classes
            before any decoding; ``classes`` is 1 when one class was asked for.
        """
        first = cast("nn.Conv2d", cast("nn.Sequential", self.layers[0])[0])
        x = images.permute(0, 3, 1, 2).to(first.weight.dtype)
        outputs: dict[int, Tensor] = {}
        for index, (layer, module) in enumerate(zip(self._layers, self.layers, strict=True)):
            if isinstance(layer, Route):
                parts = [outputs[source] for source in layer.sources]
                x = torch.cat([part.chunk(layer.groups, 1)[layer.group_id] for part in parts], 1)
            elif isinstance(layer, Shortcut):
                x = module(x + outputs[layer.source])
            else:
                x = module(x)
            if index in self._kept:
                outputs[index] = x
        return tuple(outputs[index].float() for index in self._heads)


class _DarknetMaxPool(nn.Module):
    """Pads unevenly where it must, as Darknet does; what is padded is never the maximum."""

    def __init__(self, layer: MaxPool, before: Shape, after: Shape) -> None:
        super().__init__()
        self._size, self._stride = layer.size, layer.stride
        top, bottom = _padding(layer, before.height, after.height)
        left, right = _padding(layer, before.width, after.width)
        even = top == bottom == left == right <= layer.size // 2
        self._pool_padding = top if even else 0
        self._own_padding = None if even else (left, right, top, bottom)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) to its maxima."""
        if self._own_padding is not None:
            x = functional.pad(x, self._own_padding, value=-torch.inf)
        return functional.max_pool2d(x, self._size, self._stride, self._pool_padding)


def _padding(layer: MaxPool, length: int, length_after: int) -> tuple[int, int]:
    """Cells added before and after ``length``; those that no window would reach are left out."""
    first = layer.padding // 2
    reached = (length_after - 1) * layer.stride + layer.size
    return first, max(0, reached - first - length)


def _modules(definition: NetworkDefinition) -> list[nn.Module]:
    before = [Shape(3, definition.height, definition.width), *definition.shapes]
    return [_module(layer, before[index], before[index + 1]) for index, layer in enumerate(definition.layers)]


def _module(layer: Layer, before: Shape, after: Shape) -> nn.Module:
    match layer:
        case Convolutional():
            convolution = nn.Conv2d(
                layer.in_channels,
                layer.filters,
                layer.size,
                layer.stride,
                layer.padding,
                groups=layer.groups,
                device="meta",  # the weights come from a file: none are drawn at random first
            )
            return nn.Sequential(convolution, _ACTIVATIONS[layer.activation]())
        case MaxPool():
            return _DarknetMaxPool(layer, before, after)
        case Shortcut():
            return _ACTIVATIONS[layer.activation]()
        case Upsample():
            return nn.Upsample(scale_factor=layer.stride, mode="nearest")
        case Route() | Identity() | Yolo():
            return nn.Identity()


def _indices_read_later(definition: NetworkDefinition) -> frozenset[int]:
    read = set(definition.heads)
    for layer in definition.layers:
        if isinstance(layer, Route):
            read.update(layer.sources)
        elif isinstance(layer, Shortcut):
            read.add(layer.source)
    return frozenset(read)


def _select_class(definition: NetworkDefinition, modules: list[nn.Module], class_index: int) -> None:
    """Keep the rows x, y, width, height, objectness and ``class_index`` of the convolution before each head."""
    for index in definition.heads:
        head = cast("Yolo", definition.layers[index])
        convolution = cast("nn.Conv2d", cast("nn.Sequential", modules[index - 1])[0])
        row = 5 + head.classes
        kept = [
            anchor * row + offset
            for anchor in range(len(head.anchors_px))
            for offset in (0, 1, 2, 3, 4, 5 + class_index)
        ]
        convolution.weight = nn.Parameter(convolution.weight[kept].clone(), requires_grad=False)
        convolution.bias = nn.Parameter(cast("Tensor", convolution.bias)[kept].clone(), requires_grad=False)
