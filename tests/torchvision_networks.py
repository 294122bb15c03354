"""torchvision's networks with random weights that still say something."""

from __future__ import annotations

import torch
from torch import nn


def settle(network: nn.Module) -> None:
    """Normalisation fits its input, persons are likely, places differ."""
    torch.manual_seed(7)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
            module.train()
    with torch.inference_mode():
        network.get_submodule("backbone")(torch.rand(2, 3, 320, 320) * 4 - 2)
    network.eval()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith("bias") and len(parameter) % 91 == 0:  # scores of COCO's classes, per anchor
                parameter.copy_(
                    torch.full((91,), -3.0).index_fill(0, torch.tensor([1]), 1.0).repeat(len(parameter) // 91)
                )
            elif name.endswith("weight") and len(parameter) % 91 == 0:
                nn.init.normal_(parameter, std=0.5 / parameter[0].numel() ** 0.5)
