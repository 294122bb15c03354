from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.runtime.network import NetworkSource
from models.runtime.openvino_runtime import OpenVinoNetwork
from models.runtime.torch_runtime import TorchNetwork

if TYPE_CHECKING:
    from pathlib import Path


class _Net(nn.Module):
    """A convolution of raw pixels, and how bright the picture is."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.convolution = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        x = images.permute(0, 3, 1, 2).to(self.convolution.weight.dtype)
        return self.convolution(x).float(), x.mean((1, 2, 3)).float()


def _source() -> NetworkSource:
    return NetworkSource(_Net, (1, 16, 24, 3), (1, 16, 24, 3), "uint8", "a network of this test")


def _items(count: int) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    return list(np.random.default_rng(0).integers(0, 256, (count, 1, 16, 24, 3), np.uint8))


@pytest.fixture(autouse=True)
def converted(cache: Path) -> Path:
    """Where converted networks are kept: nothing yet."""
    return cache / "openvino"


def test_both_runtimes_agree() -> None:
    items = _items(9)
    ours = list(OpenVinoNetwork(_source(), "f32").infer(items))
    theirs = list(TorchNetwork(_source(), "cpu", "f32").infer(items))
    assert len(ours) == len(theirs) == 9
    for compiled, eager in zip(ours, theirs, strict=True):
        for a, b in zip(compiled, eager, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-3)


def test_items_of_any_size_where_the_source_lets_them() -> None:
    source = NetworkSource(_Net, (1, -1, -1, 3), (1, 16, 24, 3), "uint8", "a network of any size")
    rng = np.random.default_rng(0)
    sizes = [(16, 24), (32, 8), (32, 8), (16, 24), (5, 7)]
    items = [rng.integers(0, 256, (1, *size, 3), np.uint8) for size in sizes]
    ours = list(OpenVinoNetwork(source, "f32").infer(items))
    theirs = list(TorchNetwork(source, "cpu", "f32").infer(items))
    assert [compiled[0].shape for compiled in ours] == [(1, 4, *size) for size in sizes]
    for compiled, eager in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(compiled[0], eager[0], rtol=1e-4, atol=1e-3)


def test_items_that_nobody_else_holds_live_until_they_are_computed() -> None:
    """Pictures are resized on the fly: the runtime alone knows them, and the memory of one is that of the next."""
    network = OpenVinoNetwork(_source(), "f32")
    bright = [
        outputs[1].item()
        for outputs in network.infer(np.full((1, 16, 24, 3), n, np.uint8) for n in range(200))
    ]
    np.testing.assert_allclose(bright, range(200), rtol=1e-5)


def _never() -> nn.Module:
    raise AssertionError("converted again")


def test_the_second_start_reads_what_the_first_has_kept(converted: Path) -> None:
    first = list(OpenVinoNetwork(_source(), "f32").infer(_items(2)))
    assert len(list(converted.iterdir())) == 1
    second = list(OpenVinoNetwork(replace(_source(), build=_never), "f32").infer(_items(2)))
    assert [output.tobytes() for outputs in first for output in outputs] == [
        output.tobytes() for outputs in second for output in outputs
    ]


def test_a_damaged_network_is_converted_again_and_kept(converted: Path) -> None:
    OpenVinoNetwork(_source(), "f32")
    (kept,) = converted.iterdir()
    (kept / "network.xml").write_text("damaged")
    assert len(list(OpenVinoNetwork(_source(), "f32").infer(_items(1)))) == 1
    assert len(list(OpenVinoNetwork(replace(_source(), build=_never), "f32").infer(_items(1)))) == 1


def test_a_cache_that_cannot_be_written_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SITEWATCH_CACHE", str(tmp_path / "file"))
    assert len(list(OpenVinoNetwork(_source(), "f32").infer(_items(1)))) == 1


def test_a_caller_that_stops_early_leaves_the_network_usable() -> None:
    network = OpenVinoNetwork(_source(), "f32")
    outputs = network.infer(_items(6))
    next(outputs)
    outputs.close()  # type: ignore[attr-defined]

    def breaking() -> object:
        yield _items(1)[0]
        raise ValueError("no picture")

    with pytest.raises(ValueError, match="no picture"):
        list(network.infer(breaking()))  # type: ignore[arg-type]
    assert len(list(network.infer(_items(6)))) == 6


def test_modules_import_without_torch() -> None:
    code = "import sys, models.registry, models.detectors.yolov3, pipeline.cli.detect; print('torch' in sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert output.strip() == "False"


def test_openvino_reports_to_nobody() -> None:
    code = (
        "import models.runtime.conversion\n"
        "from openvino.tools.ovc import telemetry_utils\n"
        "print(telemetry_utils.tm.__name__)"
    )
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert output.strip() == "openvino.tools.ovc.telemetry_stub"
