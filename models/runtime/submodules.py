"""The costly parts of a torchvision network on OpenVINO, the rest as torchvision wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from models.runtime.conversion import converted, openvino_core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.runtime.placement import Precision

_EXAMPLE_SIDE_PX = 320


def run_submodules_on_openvino(network: nn.Module, precision: Precision, fingerprint: str) -> None:
    """Replace backbone and heads of a torchvision detection network by compiled ones, in place.

    Anchors, proposals, suppression and everything else stays torchvision's own code.

    Args:
        network: with its weights loaded, in evaluation mode.
        precision: to compute in.
        fingerprint: differs whenever the network differs.
    """
    picture = torch.zeros(1, 3, _EXAMPLE_SIDE_PX, _EXAMPLE_SIDE_PX)
    with torch.inference_mode():
        features = network.get_submodule("backbone")(picture)
    examples: dict[str, list[Tensor]] = {"backbone": [picture], "head": list(features.values())}
    if "roi_heads" in dict(network.named_children()):
        examples["roi_heads.box_head"] = [torch.zeros(2, examples["head"][0].shape[1], 7, 7)]
        del examples["head"]
    for name, example in examples.items():
        part = network.get_submodule(name)
        parent, _, attribute = name.rpartition(".")
        compiled = _CompiledModule(part, example, precision, f"{fingerprint} {name}")
        setattr(network.get_submodule(parent), attribute, compiled)


class _CompiledModule(nn.Module):
    """Takes and gives what the module it stands for does: a tensor or several, a tensor or a dictionary of them."""

    def __init__(
        self, module: nn.Module, example: Sequence[Tensor], precision: Precision, fingerprint: str
    ) -> None:
        super().__init__()
        single = len(example) == 1
        with torch.inference_mode():
            output = module(example[0] if single else list(example))
        self._names = tuple(output) if isinstance(output, dict) else None
        shapes = [(-1, example[0].shape[1], -1, -1)] if single else None
        model = converted(
            fingerprint, lambda: module, lambda: example[0] if single else (list(example),), shapes
        )
        self._compiled = openvino_core().compile_model(
            model, "CPU", {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
        )
        if hasattr(module, "out_channels"):
            self.out_channels = module.out_channels

    def forward(self, inputs: Tensor | list[Tensor]) -> Tensor | dict[str, Tensor]:
        """As the module itself; nothing in, nothing out."""
        arrays = [inputs.numpy()] if isinstance(inputs, Tensor) else [tensor.numpy() for tensor in inputs]
        count = len(arrays[0])
        if not count:  # no proposal: shapes of the outputs still matter
            arrays = [np.zeros((1, *array.shape[1:]), array.dtype) for array in arrays]
        outputs = self._compiled(arrays)
        if self._names is None:
            return torch.from_numpy(outputs[0].copy())[:count]
        return {name: torch.from_numpy(outputs[name].copy())[:count] for name in self._names}
