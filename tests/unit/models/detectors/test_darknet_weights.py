from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.errors import NetworkDefinitionError
from models.detectors.darknet_cfg import parse_definition
from models.detectors.darknet_weights import read_weights
from tests.darknet_files import HEADER

if TYPE_CHECKING:
    from pathlib import Path

_DEFINITION = parse_definition(
    "[net]\nheight=32\nwidth=32\n"
    "[convolutional]\nbatch_normalize=1\nfilters=2\nsize=1\nactivation=leaky\n"
    "[convolutional]\nfilters=6\nsize=1\nactivation=linear\n[yolo]\nanchors=10,14\nclasses=1\n",
    "x.cfg",
)
_FIRST = [1, 2, 3, 4, 5, 6, 0.25, 4, *range(1, 7)]  # biases, scales, means, variances, kernel
_SECOND = [*range(6), *range(12)]


def _write(path: Path, numbers: list[float], header: bytes = HEADER) -> Path:
    path.write_bytes(header + np.array(numbers, "<f4").tobytes())
    return path


def test_batch_normalisation_is_folded_in(tmp_path: Path) -> None:
    weights = read_weights(_write(tmp_path / "w", [*_FIRST, *_SECOND]), _DEFINITION)
    factor = np.array([3, 4]) / np.sqrt(np.array([0.25, 4]) + 1e-6)
    np.testing.assert_allclose(
        weights[0].kernel.reshape(2, 3), [factor[0] * np.r_[1:4], factor[1] * np.r_[4:7]]
    )
    np.testing.assert_allclose(weights[0].bias, np.array([1, 2]) - np.array([5, 6]) * factor, rtol=1e-6)
    np.testing.assert_array_equal(weights[1].bias, range(6))
    np.testing.assert_array_equal(weights[1].kernel.ravel(), range(12))


def test_header_of_old_versions_is_shorter(tmp_path: Path) -> None:
    header = np.array([0, 1, 0, 7], "<i4").tobytes()
    weights = read_weights(_write(tmp_path / "w", [*_FIRST, *_SECOND], header), _DEFINITION)
    assert set(weights) == {0, 1}


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        (_FIRST[:-1], "too short: ends inside the convolution of line 4"),
        ([*_FIRST, *_SECOND[:-1]], "too short: ends inside the convolution of line 9"),
        ([*_FIRST, *_SECOND, 1.0], "too long: 1 numbers are left"),
        ([*_FIRST[:-1], float("nan"), *_SECOND], "line 4 of the description has weights that are not finite"),
        ([*_FIRST[:-1], float("inf"), *_SECOND], "not finite"),
        ([*_FIRST[:6], -1.0, *_FIRST[7:], *_SECOND], "negative variance"),
    ],
)
def test_weights_that_do_not_fit_are_refused(numbers: list[float], message: str, tmp_path: Path) -> None:
    with pytest.raises(NetworkDefinitionError, match=message):
        read_weights(_write(tmp_path / "w", numbers), _DEFINITION)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0 bytes are no Darknet weights file"),
        (HEADER, "too short"),
        (HEADER + b"123", "no whole numbers"),
        (b"PK\x03\x04" * 10, "does not start with a Darknet version"),
    ],
)
def test_files_of_another_kind_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(content)
    with pytest.raises(NetworkDefinitionError, match=message):
        read_weights(tmp_path / "w", _DEFINITION)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NetworkDefinitionError, match="cannot be read"):
        read_weights(tmp_path / "missing", _DEFINITION)
