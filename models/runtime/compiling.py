"""From a network and a placement to something that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.runtime.network import CompiledNetwork, NetworkSource
    from models.runtime.placement import Placement


def compile_network(source: NetworkSource, placement: Placement) -> CompiledNetwork:
    """Make ``source`` ready to run where ``placement`` says."""
    if placement.runtime == "openvino":
        from models.runtime.openvino_runtime import OpenVinoNetwork

        return OpenVinoNetwork(source, placement.precision)
    from models.runtime.torch_runtime import TorchNetwork

    return TorchNetwork(source, placement.device, placement.precision)
