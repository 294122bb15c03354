"""A device on the CPU that does each copy as late as CUDA may: what is not waited for is wrong, and seen to be.

Memory that a copy has not reached yet holds ``UNWRITTEN``; a buffer that is written again before its copy has ended
spoils the copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from models.runtime.lanes import Mark

UNWRITTEN = 0xA5
"""What uninitialised memory holds here."""


class _LateMark:
    """A copy that is made when somebody waits for it."""

    def __init__(self, copy: Callable[[], object]) -> None:
        self._copy: Callable[[], object] | None = copy

    def synchronize(self) -> None:
        copy, self._copy = self._copy, None
        if copy is not None:
            copy()


class LateLane:
    """What is asked of a device, with a diary.

    Attributes:
        allocated: sizes of the buffers that were asked for.
        diary: what was done: ``upload``, ``join``, ``download``, in that order.
    """

    def __init__(self) -> None:
        self.device = torch.device("cpu")
        self.allocated: list[int] = []
        self.diary: list[str] = []

    def host_memory(self, size_bytes: int) -> Tensor:
        self.allocated.append(size_bytes)
        return torch.full((size_bytes,), UNWRITTEN, dtype=torch.uint8)

    def upload(self, staged: Tensor) -> tuple[Tensor, Mark]:
        self.diary.append("upload")
        uploaded = torch.full_like(staged, UNWRITTEN)
        return uploaded, _LateMark(lambda: uploaded.copy_(staged))

    def join(self, uploaded: Tensor, copied: Mark) -> None:  # noqa: ARG002  as CUDA's lane
        self.diary.append("join")
        copied.synchronize()  # work is done at once here: what comes before it is done now

    def download(self, outputs: Sequence[Tensor]) -> tuple[list[Tensor], Mark]:
        self.diary.append("download")
        results = [torch.full(output.shape, torch.nan) for output in outputs]

        def copy() -> None:
            with torch.inference_mode():  # where the results were made
                for result, output in zip(results, outputs, strict=True):
                    result.copy_(output)

        return results, _LateMark(copy)


class FaultyLane(LateLane):
    """A device that has failed, which shows when somebody waits for it."""

    def download(self, outputs: Sequence[Tensor]) -> tuple[list[Tensor], Mark]:  # noqa: ARG002  as the others
        def fail() -> None:
            raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered\nmore of it")

        return [], _LateMark(fail)
