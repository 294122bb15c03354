"""torch: half precision on CUDA, and the fallback on any CPU."""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from models.runtime.network import NetworkSource
    from models.runtime.placement import Precision

_CUDA_BATCH = 8
"""Items uploaded together."""

_DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}


class TorchNetwork:
    """A torch module on a device, weights in channels_last order.

    On the CPU items run one by one, so that an item's outputs never depend on its neighbours. On CUDA they are
    uploaded from pinned memory in batches of a fixed size, the last one filled up, for the same reason.
    """

    def __init__(self, source: NetworkSource, device: str, precision: Precision) -> None:
        self._device = torch.device(device)
        module = source.build().eval().to(self._device, _DTYPES[precision])
        self._module = module.to(memory_format=torch.channels_last)
        self._on_cuda = self._device.type == "cuda"
        self.concurrency = _CUDA_BATCH if self._on_cuda else 1
        self._staging: Tensor | None = None
        if self._on_cuda:
            shape = (_CUDA_BATCH, *source.example_shape[1:])
            self._staging = torch.zeros(shape, dtype=getattr(torch, source.input_dtype), pin_memory=True)

    def infer(self, items: Iterable[NDArray[Any]]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        """Outputs of each item, in order."""
        for chunk in self._chunks(items):
            with torch.inference_mode():
                outputs = [output.float().cpu().numpy() for output in self._module(self._upload(chunk))]
            for index in range(len(chunk)):
                yield tuple(output[index : index + 1] for output in outputs)

    def _chunks(self, items: Iterable[NDArray[Any]]) -> Iterator[list[NDArray[Any]]]:
        """Neighbours of one shape, at most as many as run together."""
        for _, alike in groupby(items, key=lambda item: item.shape):
            while chunk := list(islice(alike, self.concurrency)):
                yield chunk

    def _upload(self, chunk: list[NDArray[Any]]) -> Tensor:
        if self._staging is None:
            return torch.from_numpy(np.ascontiguousarray(chunk[0]))
        shape = (_CUDA_BATCH, *chunk[0].shape[1:])
        if self._staging.shape != shape:
            self._staging = torch.zeros(shape, dtype=self._staging.dtype, pin_memory=True)
        for index, item in enumerate(chunk):
            self._staging[index].copy_(torch.from_numpy(item[0]))
        return self._staging.to(self._device, non_blocking=True)
