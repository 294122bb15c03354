"""OpenVINO on the CPU: a torch module converted once, kept on disk, and run as parallel streams."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import warnings
from collections import deque
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import openvino
import platformdirs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from models.runtime.network import NetworkSource
    from models.runtime.placement import Precision

_log = logging.getLogger(__name__)

_CONVERSION = "1"
"""Raised when this file or a network's ``forward`` changes what a conversion gives."""


@cache
def _core() -> openvino.Core:
    return openvino.Core()


def cpu_capabilities() -> tuple[str, ...]:
    """What OpenVINO computes natively on this CPU, such as ``FP32`` and ``BF16``."""
    return tuple(_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))


class OpenVinoNetwork:
    """A network compiled for the CPU; items run side by side, each on its own stream of one or more cores."""

    def __init__(self, source: NetworkSource, precision: Precision) -> None:
        compiled = _core().compile_model(
            _model(source),
            "CPU",
            {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "THROUGHPUT"},
        )
        self.concurrency = max(1, compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self._idle = deque(compiled.create_infer_request() for _ in range(self.concurrency))

    def infer(self, items: Iterable[NDArray[Any]]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        """Outputs of each item, in order; ``concurrency`` items are under way at any time."""
        running: deque[openvino.InferRequest] = deque()
        try:
            for item in items:
                if not self._idle:
                    yield self._finish(running)
                request = self._idle.popleft()
                running.append(request)
                request.set_input_tensor(openvino.Tensor(item, shared_memory=True))
                request.start_async()
            while running:
                yield self._finish(running)
        finally:  # the caller stopped early, or an item could not be made: leave no request behind
            while running:
                request = running.popleft()
                request.wait()
                self._idle.append(request)

    def _finish(self, running: deque[openvino.InferRequest]) -> tuple[NDArray[np.float32], ...]:
        request = running.popleft()
        request.wait()
        outputs = tuple(np.array(tensor.data, np.float32) for tensor in request.output_tensors)
        self._idle.append(request)
        return outputs


def _model(source: NetworkSource) -> openvino.Model:
    """The converted network, from the cache where it is there: then torch is not even imported."""
    key = "\n".join((_CONVERSION, openvino.__version__, source.fingerprint, str(source.input_shape)))
    folder = _cache_folder() / hashlib.sha256(key.encode()).hexdigest()
    if (folder / "network.xml").is_file():
        try:
            return _core().read_model(folder / "network.xml")
        except RuntimeError as error:  # OpenVINO's only error; a damaged cache is rebuilt
            _log.warning("%s cannot be read and is converted again: %s", folder, error)
    model = _convert(source)
    _keep(model, folder)
    return model


def _convert(source: NetworkSource) -> openvino.Model:
    os.environ.setdefault("OPENVINO_TELEMETRY_DISABLE", "1")
    import torch

    example = torch.zeros(source.input_shape, dtype=getattr(torch, source.input_dtype))
    module = source.build().eval()
    with warnings.catch_warnings(), torch.inference_mode():
        # OpenVINO traces by torch.jit, which announces its own replacement
        warnings.filterwarnings("ignore", message=".*torch.jit.*", category=Warning)
        return openvino.convert_model(module, example_input=example, input=[*source.input_shape])


def _cache_folder() -> Path:
    root = os.environ.get("SITEWATCH_CACHE") or platformdirs.user_cache_dir("sitewatch")
    return Path(root) / "openvino"


def _keep(model: openvino.Model, folder: Path) -> None:
    """Into the cache, whole or not at all: two processes may start at once, and disks fill up."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            openvino.save_model(model, Path(scratch) / "ir" / "network.xml", compress_to_fp16=False)
            (Path(scratch) / "ir").rename(folder)
    except (OSError, RuntimeError) as error:
        _log.info("the converted network is not kept in %s: %s", folder, error)
