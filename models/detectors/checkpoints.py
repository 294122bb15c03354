"""State dicts of torchvision's networks: read as numbers only, and fitted to how they were trained."""

from __future__ import annotations

import pickle
import zipfile
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torchvision.ops import FrozenBatchNorm2d

from config.errors import NetworkDefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def load_weights(module: nn.Module, path: Path, frozen_epsilon: float) -> None:
    """Load a state dict into ``module``.

    torchvision trains some backbones with batch normalisation frozen. Their state dicts count no batches, and are
    computed with an epsilon of their own; the module is changed accordingly.

    Args:
        module: as torchvision builds it without weights.
        path: a state dict; nothing but tensors is unpickled.
        frozen_epsilon: of the frozen batch normalisation.

    Raises:
        NetworkDefinitionError: unreadable, not a state dict, not finite, or of another network.
    """
    state = _read(path)
    _freeze_normalisation(module, state, frozen_epsilon)
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise NetworkDefinitionError(
            f"{path}: these weights belong to another network: {reason:.300}"
        ) from error


def _read(path: Path) -> Mapping[str, Any]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, zipfile.BadZipFile) as error:
        reason = str(error).partition("\n")[0]
        raise NetworkDefinitionError(f"{path}: cannot be read as a state dict: {reason:.200}") from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise NetworkDefinitionError(f"{path}: holds no state dict, but {type(state).__name__}")
    broken = [key for key, value in state.items() if value.is_floating_point() and not value.isfinite().all()]
    if broken:
        raise NetworkDefinitionError(f"{path}: {broken[0]} is not finite")
    return state


def _freeze_normalisation(module: nn.Module, state: Mapping[str, Any], epsilon: float) -> None:
    for name, child in list(module.named_modules()):
        if isinstance(child, nn.BatchNorm2d) and f"{name}.num_batches_tracked" not in state:
            parent, _, attribute = name.rpartition(".")
            setattr(module.get_submodule(parent), attribute, FrozenBatchNorm2d(child.num_features, epsilon))
