"""What every runtime is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

    from models.preprocess import SizedPicture


@dataclass(frozen=True, slots=True)
class NetworkSource:
    """A network that has not been built yet: a runtime that has it compiled in its cache never builds it.

    Attributes:
        build: makes the torch module, which takes one array and returns a tuple of arrays.
        input_shape: of one item, batch of one included, such as (1, 416, 544, 3); -1 where any length goes.
        example_shape: a shape that the network can take, without -1.
        input_dtype: ``uint8`` or ``float32``.
        fingerprint: differs whenever what ``build`` makes would differ: hash of weights, description, options.
    """

    build: Callable[[], nn.Module]
    input_shape: tuple[int, ...]
    example_shape: tuple[int, ...]
    input_dtype: str
    fingerprint: str


class CompiledNetwork(Protocol):
    """A network on a device. One thread at a time may use it.

    Attributes:
        concurrency: how many items it works on at once; a call with a few times as many keeps it busy.
    """

    concurrency: int

    def infer(self, items: Iterable[NDArray[Any]]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        """Outputs of each item, in the order of the items; an item's outputs do not depend on its neighbours.

        Args:
            items: each of the source's ``input_shape`` and ``input_dtype``; shapes may differ where the source lets
                them; read ahead of what is yielded.
        """
        ...

    def infer_pictures(self, pictures: Iterable[SizedPicture]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        """Outputs of each picture, for a network whose items are (1, H, W, 3) uint8; stretched where that costs least."""
        ...
