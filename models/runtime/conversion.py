"""From torch to OpenVINO, once: what was converted is kept on disk."""

from __future__ import annotations

import logging
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import openvino

from models.runtime.conversion_cache import keep_network, kept_network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import nn

_log = logging.getLogger(__name__)

_CONVERSION = "1"
"""Raised when a network's ``forward`` changes what a conversion gives: older files are then left alone."""


@cache
def openvino_core() -> openvino.Core:
    """The one OpenVINO of this process."""
    return openvino.Core()


def cpu_capabilities() -> tuple[str, ...]:
    """What OpenVINO computes natively on this CPU, such as ``FP32`` and ``BF16``."""
    return tuple(openvino_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))


def converted(
    fingerprint: str,
    build: Callable[[], nn.Module],
    examples: Callable[[], Any],
    shapes: Sequence[Sequence[int]] | None,
) -> openvino.Model:
    """A network in OpenVINO's form, from the cache where it is there: then torch is not even imported.

    Args:
        fingerprint: differs whenever the network differs.
        build: makes the torch module.
        examples: makes inputs of valid shape for it.
        shapes: of its inputs, -1 where any length goes; as the conversion finds them when None.
    """
    key = "\n".join((_CONVERSION, openvino.__version__, fingerprint, str(shapes)))
    kept = kept_network(key)
    if kept is not None:
        try:
            return openvino_core().read_model(kept)
        except RuntimeError as error:  # OpenVINO knows no narrower one; what is damaged is converted again
            _log.warning("%s cannot be read and is converted again: %s", kept, error)
    model = _convert(build().eval(), examples(), shapes)
    keep_network(key, model)
    return model


def _convert(module: nn.Module, example: Any, shapes: Sequence[Sequence[int]] | None) -> openvino.Model:
    import torch

    with warnings.catch_warnings(), torch.inference_mode():
        # OpenVINO traces by torch.jit, which announces its own replacement and warns of every shape that is read
        warnings.filterwarnings("ignore", message=r".*(torch\.jit|[Tt]rac(e|ing)).*")
        arguments = {} if shapes is None else {"input": [list(shape) for shape in shapes]}
        return openvino.convert_model(module, example_input=example, **arguments)
