"""torch: half precision on CUDA, and the fallback on any CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from models.runtime.device_queue import DeviceQueue, QueueItem
from models.runtime.lanes import CudaLane

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from models.preprocess import SizedPicture
    from models.runtime.lanes import Lane
    from models.runtime.network import NetworkSource
    from models.runtime.placement import Precision

CUDA_BATCH = 8
"""Items that CUDA works on together, unless fewer come in a call."""

_DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}


class TorchNetwork:
    """A torch module on a device, weights in channels_last order.

    On the CPU items run one by one, so that an item's outputs never depend on its neighbours, and are not copied. On CUDA
    they go through a queue, and pictures are stretched on the device; this part has not run on one yet.

    Args:
        source: the network.
        device: ``cpu`` or ``cuda:N``.
        precision: of weights and computation.
        batch: rows of a batch on CUDA.
        lane: to the device; its own when None.
    """

    def __init__(
        self,
        source: NetworkSource,
        device: str,
        precision: Precision,
        batch: int = CUDA_BATCH,
        lane: Lane | None = None,
    ) -> None:
        placed = torch.device(device)
        module = source.build().eval().to(placed, _DTYPES[precision])
        self._module = module.to(memory_format=torch.channels_last)
        if lane is None and placed.type == "cuda":
            lane = CudaLane(placed)
        self._queue = None if lane is None else DeviceQueue(self._module, lane, batch)
        self.concurrency = 1 if self._queue is None else batch
        if self._queue is not None:
            # libraries and kernels are loaded at their first use: no batch of a camera shall wait for that
            list(self.infer([np.zeros(source.example_shape, source.input_dtype)]))

    def infer(self, items: Iterable[NDArray[Any]]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        """Outputs of each item, in order."""
        if self._queue is not None:
            return self._queue.run(QueueItem(item[0], item.shape[1:]) for item in items)
        return map(self._infer_one, items)

    def infer_pictures(self, pictures: Iterable[SizedPicture]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        """Outputs of each picture, in order; on CUDA pictures are uploaded as they are."""
        if self._queue is not None:
            return self._queue.run(
                QueueItem(picture.image, (picture.height, picture.width, 3)) for picture in pictures
            )
        return self.infer(picture.stretched() for picture in pictures)

    def _infer_one(self, item: NDArray[Any]) -> tuple[NDArray[np.float32], ...]:
        with torch.inference_mode():
            outputs = self._module(torch.from_numpy(np.ascontiguousarray(item)))
            return tuple(output.float().numpy() for output in outputs)
