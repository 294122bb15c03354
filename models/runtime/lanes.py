"""What CUDA does beside its work: copies of which nobody waits until they are needed.

None of this has run on a device yet: it was written after the documentation of torch 2.9 to 2.14 on a machine without a GPU.
``tests/late_lane.py`` stands for a device there, and does each copy as late as CUDA may.

Reference:
    PyTorch, "CUDA semantics", sections on streams and on pinned memory; ``torch.Tensor.record_stream``.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import torch

from config.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor


class Mark(Protocol):
    """A point in what a device was told to do."""

    def synchronize(self) -> None:
        """Wait until the device has come to this point."""
        ...


class Lane(Protocol):
    """Ways to and from a device, beside its work.

    Attributes:
        device: where the work is done.
    """

    device: torch.device

    def host_memory(self, size_bytes: int) -> Tensor:
        """(size_bytes,) uint8 in memory of this machine that the device can read by itself."""
        ...

    def upload(self, staged: Tensor) -> tuple[Tensor, Mark]:
        """Begin to copy what lies in ``host_memory``; it must not change before the mark, nor be read before ``join``."""
        ...

    def join(self, uploaded: Tensor, copied: Mark) -> None:
        """Let all work that the device is given from now on come after the copy."""
        ...

    def download(self, outputs: Sequence[Tensor]) -> tuple[list[Tensor], Mark]:
        """Begin to copy results to this machine, as float32; they are there at the mark."""
        ...


class CudaLane:
    """Pinned memory, and a stream of its own for copies to the device.

    Args:
        device: a CUDA device.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._copies = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def host_memory(self, size_bytes: int) -> Tensor:
        """Page-locked: from other memory a copy is never asynchronous."""
        return torch.empty(size_bytes, dtype=torch.uint8, pin_memory=True)

    def upload(self, staged: Tensor) -> tuple[Tensor, Mark]:
        """On the side stream, to memory that belongs to it."""
        with torch.cuda.stream(self._copies):
            uploaded = staged.to(self.device, non_blocking=True)
            return uploaded, _mark(self._copies)

    def join(self, uploaded: Tensor, copied: Mark) -> None:
        """The stream of the work waits for the copy, not this thread."""
        work = torch.cuda.current_stream(self.device)
        work.wait_event(copied)  # type: ignore[arg-type]  # a mark of this lane is an event
        # the allocator knows the side stream alone: without this it would give the memory to the next copy too early
        uploaded.record_stream(work)

    def download(self, outputs: Sequence[Tensor]) -> tuple[list[Tensor], Mark]:
        """On the stream of the work, behind it, so that no other stream has to be told."""
        results = []
        for output in outputs:
            result = torch.empty(output.shape, dtype=torch.float32, pin_memory=True)
            results.append(result.copy_(output.float().contiguous(), non_blocking=True))
        return results, _mark(torch.cuda.current_stream(self.device))


def _mark(stream: torch.cuda.Stream) -> Mark:
    """Whoever waits for it sleeps: a thread that spins would take a core from the decoders."""
    mark = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
    mark.record(stream)
    return mark


@contextmanager
def device_faults(device: torch.device | str) -> Iterator[None]:
    """What a broken device says, as an error that ends the process: no later call on it could succeed.

    A lack of memory is no such fault: the next batch may be smaller.

    Raises:
        DeviceError: the device or its driver has failed.
    """
    try:
        yield
    except torch.AcceleratorError as error:
        reason = str(error).partition("\n")[0]
        raise DeviceError(
            f"{device} has failed: {reason}; see dmesg and nvidia-smi if a restart does not help"
        ) from error
