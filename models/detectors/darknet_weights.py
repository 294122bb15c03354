"""The Darknet weights file: a header, then the numbers of each convolution in the order of the description.

Reference:
    Darknet's ``parser.c``, ``load_weights_upto`` and ``load_convolutional_weights``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from config.errors import NetworkDefinitionError
from models.detectors.darknet_cfg import Convolutional

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from models.detectors.darknet_cfg import NetworkDefinition

_BATCH_NORM_EPSILON = 1e-6
"""Darknet's ``normalize_cpu`` adds it, and OpenCV's importer does."""


@dataclass(frozen=True, slots=True, eq=False)
class ConvolutionWeights:
    """One convolution with its batch normalisation folded in.

    Attributes:
        kernel: (filters, in_channels / groups, size, size) float32.
        bias: (filters,) float32.
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]


def read_weights(path: Path, definition: NetworkDefinition) -> dict[int, ConvolutionWeights]:
    """The weights of every convolution, by its index among the layers.

    Raises:
        NetworkDefinitionError: truncated, too long, or numbers that are not finite.
    """
    numbers = _read_numbers(path)
    weights: dict[int, ConvolutionWeights] = {}
    offset = 0
    for index, layer in enumerate(definition.layers):
        if isinstance(layer, Convolutional):
            needed = _count(layer)
            if offset + needed > len(numbers):
                raise NetworkDefinitionError(
                    f"{path}: too short: ends inside the convolution of line {layer.line} of the description; "
                    f"the file is truncated or belongs to another network"
                )
            weights[index] = _fold(layer, numbers[offset : offset + needed], path)
            offset += needed
    if offset != len(numbers):
        raise NetworkDefinitionError(
            f"{path}: too long: {len(numbers) - offset} numbers are left after the last convolution; "
            f"the file belongs to another network"
        )
    return weights


def _read_numbers(path: Path) -> NDArray[np.float32]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NetworkDefinitionError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) < 20:
        raise NetworkDefinitionError(f"{path}: {len(content)} bytes are no Darknet weights file")
    major, minor, _ = np.frombuffer(content, "<i4", 3)
    if not (0 <= major < 1000 and 0 <= minor < 1000):
        raise NetworkDefinitionError(f"{path}: does not start with a Darknet version; not a weights file")
    header = 12 + (8 if major * 10 + minor >= 2 else 4)  # images seen in training: 64 bits since version 0.2
    if (len(content) - header) % 4:
        raise NetworkDefinitionError(
            f"{path}: {len(content)} bytes are no whole numbers; the file is truncated"
        )
    return np.frombuffer(content, "<f4", offset=header)


def _count(layer: Convolutional) -> int:
    kernel = layer.filters * (layer.in_channels // layer.groups) * layer.size**2
    return kernel + layer.filters * (4 if layer.batch_normalize else 1)


def _fold(layer: Convolutional, numbers: NDArray[np.float32], path: Path) -> ConvolutionWeights:
    """Fold ``scale * (x - mean) / sqrt(variance + epsilon) + bias`` into the kernel, in double precision."""
    if not np.isfinite(numbers).all():
        raise NetworkDefinitionError(
            f"{path}: the convolution of line {layer.line} of the description has weights that are not finite"
        )
    filters = layer.filters
    vectors = numbers[: filters * 4].reshape(4, filters) if layer.batch_normalize else numbers[None, :filters]
    kernel = numbers[vectors.size :].reshape(
        filters, layer.in_channels // layer.groups, layer.size, layer.size
    )
    if not layer.batch_normalize:
        return ConvolutionWeights(kernel, vectors[0])
    bias, scale, mean, variance = vectors.astype(np.float64)
    if (variance < 0).any():
        raise NetworkDefinitionError(
            f"{path}: the convolution of line {layer.line} of the description has a negative variance; "
            f"the file belongs to another network"
        )
    factor = scale / np.sqrt(variance + _BATCH_NORM_EPSILON)
    return ConvolutionWeights(
        (kernel * factor[:, None, None, None]).astype(np.float32),
        (bias - mean * factor).astype(np.float32),
    )
