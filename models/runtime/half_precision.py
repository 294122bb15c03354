"""The costly parts of a torchvision network in half precision, the rest as torchvision wrote it, in f32."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARTS = ("backbone", "head", "rpn.head", "roi_heads.box_head")
"""Each has its convolutions here, as far as it has the part; what follows them is small."""


def run_submodules_in_half(network: nn.Module, device_type: str, dtype: torch.dtype) -> None:
    """Let backbone and heads compute in ``dtype``, in place.

    torchvision makes anchors in the type of the features and boxes in that of the regression: in half precision a box
    beyond 1,024 pixels (256 in bfloat16) could not be placed to a pixel. So all that leaves these parts is f32.

    Args:
        network: a detection network, in evaluation mode.
        device_type: ``cuda`` or ``cpu``.
        dtype: to compute in.
    """
    for name in _parts(network):
        parent, _, attribute = name.rpartition(".")
        owner = network.get_submodule(parent)
        setattr(owner, attribute, HalfPrecision(network.get_submodule(name), device_type, dtype))


def _parts(network: nn.Module) -> Iterable[str]:
    there = {name for name, _ in network.named_modules()}
    return [name for name in _PARTS if name in there]


class HalfPrecision(nn.Module):
    """Takes and gives what the module it stands for does, in f32, and computes in half precision.

    Args:
        module: what it stands for.
        device_type: ``cuda`` or ``cpu``.
        dtype: to compute in.
    """

    def __init__(self, module: nn.Module, device_type: str, dtype: torch.dtype) -> None:
        super().__init__()
        self._module = module
        self._device_type = device_type
        self._dtype = dtype

    def forward(self, *inputs: Any) -> Any:
        """As the module itself, computed in half precision."""
        with torch.autocast(self._device_type, self._dtype):
            outputs = self._module(*inputs)
        return _in_f32(outputs)


def _in_f32(outputs: Any) -> Any:
    if isinstance(outputs, Tensor):
        return outputs.float()
    if isinstance(outputs, dict):
        return type(outputs)((name, output.float()) for name, output in outputs.items())
    return type(outputs)(_in_f32(output) for output in outputs)
