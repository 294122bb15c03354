"""From a network and a placement to something that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.runtime.network import CompiledNetwork, NetworkSource
    from models.runtime.placement import Placement


def compile_network(
    source: NetworkSource, placement: Placement, batch_size: int | None = None
) -> CompiledNetwork:
    """Make ``source`` ready to run where ``placement`` says.

    Args:
        source: the network.
        placement: runtime, device, precision.
        batch_size: items a call, where that is known.
    """
    if placement.runtime == "openvino":
        from models.runtime.openvino_runtime import OpenVinoNetwork

        return OpenVinoNetwork(source, placement.precision)
    from models.runtime.torch_runtime import CUDA_BATCH, TorchNetwork

    rows = min(batch_size or CUDA_BATCH, CUDA_BATCH)
    return TorchNetwork(source, placement.device, placement.precision, rows)
