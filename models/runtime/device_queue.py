"""The queue before a device: batches go up while those before are worked on, and are stretched and padded there."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from models.runtime.grouping import batches_of_alike, in_order
from models.runtime.lanes import device_faults
from models.runtime.uploads import DeviceUploads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from models.runtime.lanes import Lane, Mark

_LAUNCHED = 2
"""Batches on the device: while the results of one are read and used here, it has the next to work on."""

_BATCHES_AHEAD = 4
"""Items wait for others of their kind while fewer than so many batches are read ahead: a call holds about as many."""


@dataclass(frozen=True, slots=True)
class QueueItem:
    """An array, and the shape that the network takes it in.

    Attributes:
        array: of ``shape``; or an (H, W, 3) uint8 picture that is stretched to it on the device.
        shape: of one row of the network's input.
    """

    array: NDArray[Any]
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Launched:
    """A batch on the device: its items' numbers, and where its results will be."""

    numbers: list[int]
    results: list[Tensor]
    ready: Mark


class DeviceQueue:
    """Keeps a device busy with a network.

    Every batch has the same number of rows, those that are missing being black. cuDNN and cuBLAS choose their kernels by the
    shape of the input, and another kernel adds up in another order: an item's outputs would depend on how many came with it.
    The padding is made on the device; only pictures are uploaded.

    Args:
        module: the network, on the device; takes one tensor, returns a tuple of them.
        lane: to the device.
        batch: rows.
    """

    def __init__(self, module: nn.Module, lane: Lane, batch: int) -> None:
        self._module = module
        self._lane = lane
        self._batch = batch
        self._uploads = DeviceUploads(lane)

    def run(self, items: Iterable[QueueItem]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        """Outputs of each item, batch of one included, in the order of the items.

        Raises:
            DeviceError: the device has failed.
        """
        return in_order(self._answers(items))

    def _answers(self, items: Iterable[QueueItem]) -> Iterator[tuple[int, tuple[NDArray[np.float32], ...]]]:
        launched: deque[_Launched] = deque()
        batches = batches_of_alike(
            items,
            kind=lambda item: (item.shape, item.array.dtype),
            most=self._batch,
            ahead=_BATCHES_AHEAD * self._batch,
        )
        for batch in batches:
            launched.append(self._launch(batch))
            if len(launched) == _LAUNCHED:
                yield from self._read(launched.popleft())
        while launched:
            yield from self._read(launched.popleft())

    def _launch(self, batch: list[tuple[int, QueueItem]]) -> _Launched:
        numbers, items = zip(*batch, strict=True)
        with device_faults(self._lane.device), torch.inference_mode():
            arrays = self._uploads.begin([item.array for item in items]).tensors()
            outputs = self._module(self._rows(arrays, items[0].shape))
            return _Launched(list(numbers), *self._lane.download(outputs))

    def _rows(self, arrays: list[Tensor], shape: tuple[int, ...]) -> Tensor:
        rows = torch.zeros((self._batch, *shape), dtype=arrays[0].dtype, device=self._lane.device)
        for row, array in zip(rows, arrays, strict=False):
            row.copy_(array if array.shape == shape else stretched(array, *shape[:2]))
        return rows

    def _read(self, batch: _Launched) -> Iterator[tuple[int, tuple[NDArray[np.float32], ...]]]:
        with device_faults(self._lane.device):
            batch.ready.synchronize()
        outputs = [result.numpy() for result in batch.results]
        for index, number in enumerate(batch.numbers):
            yield number, tuple(output[index : index + 1] for output in outputs)


def stretched(picture: Tensor, height: int, width: int) -> Tensor:
    """The whole picture at exactly the given size, as ``models.preprocess.stretch`` makes it, where the picture is.

    Whole grey levels, so that the input stays exact in half precision. OpenCV's bilinear weights have 11 bits: levels
    differ by at most 1.

    Args:
        picture: (H, W, 3) uint8.
        height: rows.
        width: columns.

    Returns:
        (height, width, 3) uint8.
    """
    planes = picture.permute(2, 0, 1)[None].float()  # (1, 3, H, W)
    resized = functional.interpolate(planes, (height, width), mode="bilinear", align_corners=False)
    return resized[0].permute(1, 2, 0).round().to(torch.uint8)
