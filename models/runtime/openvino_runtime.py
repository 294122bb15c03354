"""OpenVINO on the CPU: parallel streams, each busy with an item of its own."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from models.runtime.conversion import converted, openvino_core

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import openvino
    from numpy.typing import NDArray

    from models.preprocess import SizedPicture
    from models.runtime.network import NetworkSource
    from models.runtime.placement import Precision


class OpenVinoNetwork:
    """A network compiled for the CPU; items run side by side, each on its own stream of one or more cores."""

    def __init__(self, source: NetworkSource, precision: Precision) -> None:
        compiled = openvino_core().compile_model(
            converted(source.fingerprint, source.build, lambda: _example(source), [source.input_shape]),
            "CPU",
            {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "THROUGHPUT"},
        )
        self.concurrency = max(1, compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self._idle = deque(compiled.create_infer_request() for _ in range(self.concurrency))

    def infer(self, items: Iterable[NDArray[Any]]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        """Outputs of each item, in order; up to ``concurrency`` items are under way."""
        running: deque[openvino.InferRequest] = deque()
        try:
            for item in items:
                if not self._idle:
                    yield self._finish(running)
                request = self._idle.popleft()
                running.append(request)
                # copied: a shared tensor would not keep the item alive while the request runs
                tensor = request.get_input_tensor()
                tensor.shape = item.shape
                np.copyto(tensor.data, item)
                request.start_async()
            while running:
                yield self._finish(running)
        finally:  # the caller stopped early, or an item could not be made: leave no request behind
            while running:
                request = running.popleft()
                request.wait()
                self._idle.append(request)

    def infer_pictures(self, pictures: Iterable[SizedPicture]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        """Outputs of each picture, in order; one is stretched while others are under way."""
        return self.infer(picture.stretched() for picture in pictures)

    def _finish(self, running: deque[openvino.InferRequest]) -> tuple[NDArray[np.float32], ...]:
        request = running.popleft()
        try:
            request.wait()
            return tuple(np.array(tensor.data, np.float32) for tensor in request.output_tensors)
        finally:
            self._idle.append(request)


def _example(source: NetworkSource) -> Any:
    import torch

    return torch.zeros(source.example_shape, dtype=getattr(torch, source.input_dtype))
