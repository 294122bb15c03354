"""Arrays on their way to a device, while it works on those before."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from models.runtime.lanes import Lane, Mark

_BUFFERS = 2
"""One is written while the device reads the other."""

_ALIGNMENT_BYTES = 256
"""Every array starts where an allocation of its own could have started (CUDA C++ Programming Guide, "Device Memory Accesses")."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an array lies among the bytes of a batch."""

    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    size_bytes: int

    @property
    def span(self) -> slice:
        return slice(self.offset, self.offset + self.size_bytes)

    def of_numpy(self, memory: NDArray[np.uint8]) -> NDArray[Any]:
        return memory[self.span].view(self.dtype).reshape(self.shape)

    def of_torch(self, memory: Tensor) -> Tensor:
        dtype = torch.from_numpy(np.empty(0, self.dtype)).dtype
        return memory[self.span].view(dtype).view(self.shape)


@dataclass(frozen=True, slots=True)
class Upload:
    """A batch whose copy to the device has begun."""

    _lane: Lane
    _uploaded: Tensor
    _copied: Mark
    _places: tuple[_Place, ...]

    def tensors(self) -> list[Tensor]:
        """The arrays on the device, for the work that it is given from now on."""
        self._lane.join(self._uploaded, self._copied)
        return [place.of_torch(self._uploaded) for place in self._places]


@dataclass(slots=True)
class _Buffer:
    """Memory that the device can read by itself, and until when it does."""

    memory: Tensor
    copied: Mark | None = None


class DeviceUploads:
    """Batches of arrays of any size, each packed into one of two buffers and copied to the device in one go.

    A buffer is written again when its copy has ended, and made anew for a batch that is larger than any before.

    Args:
        lane: to the device.
    """

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._buffers = deque(_Buffer(torch.empty(0, dtype=torch.uint8)) for _ in range(_BUFFERS))

    def begin(self, arrays: Sequence[NDArray[Any]]) -> Upload:
        """Begin to copy arrays, views included; they may change as soon as this returns."""
        places = _places(arrays)
        size_bytes = places[-1].span.stop
        buffer = self._free_buffer(size_bytes)
        staged = buffer.memory[:size_bytes]
        for place, array in zip(places, arrays, strict=True):
            np.copyto(place.of_numpy(staged.numpy()), array)
        uploaded, buffer.copied = self._lane.upload(staged)
        return Upload(self._lane, uploaded, buffer.copied, places)

    def each(self, arrays: Iterable[NDArray[Any]]) -> Iterator[Tensor]:
        """Every array on the device, in order; the copy of the next has begun before one is handed out."""
        begun: deque[Upload] = deque()
        for array in arrays:
            begun.append(self.begin([array]))
            if len(begun) == _BUFFERS:
                yield begun.popleft().tensors()[0]
        while begun:
            yield begun.popleft().tensors()[0]

    def _free_buffer(self, size_bytes: int) -> _Buffer:
        buffer = self._buffers[0]
        self._buffers.rotate(-1)
        if buffer.copied is not None:
            buffer.copied.synchronize()
        if len(buffer.memory) < size_bytes:
            buffer.memory = self._lane.host_memory(size_bytes)
        return buffer


def _places(arrays: Sequence[NDArray[Any]]) -> tuple[_Place, ...]:
    places = []
    end = 0
    for array in arrays:
        offset = -(-end // _ALIGNMENT_BYTES) * _ALIGNMENT_BYTES
        places.append(_Place(offset, array.shape, array.dtype, array.nbytes))
        end = offset + array.nbytes
    return tuple(places)
