"""The queue before a device, on a device that does everything as late as it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from config.errors import DeviceError
from models.preprocess import SizedPicture, stretch
from models.runtime.network import NetworkSource
from models.runtime.torch_runtime import TorchNetwork
from tests.late_lane import FaultyLane, LateLane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class _Mirror(nn.Module):
    """Says what it was shown, and how much at once."""

    def __init__(self, shown: list[tuple[int, ...]]) -> None:
        super().__init__()
        self._shown = shown
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        self._shown.append(tuple(images.shape))
        return images.float(), images.float().mean((1, 2, 3))


def _network(lane: LateLane, batch: int = 4) -> tuple[TorchNetwork, list[tuple[int, ...]]]:
    """A network on a device, and the shapes of the batches that it has seen since it is ready."""
    shown: list[tuple[int, ...]] = []
    source = NetworkSource(lambda: _Mirror(shown), (1, -1, -1, 3), (1, 16, 24, 3), "uint8", "mirror")
    network = TorchNetwork(source, "cpu", "f32", batch, lane)
    shown.clear()
    lane.diary.clear()
    return network, shown


def _items(count: int, shape: tuple[int, ...] = (1, 16, 24, 3)) -> list[NDArray[np.uint8]]:
    return list(np.random.default_rng(count).integers(0, 256, (count, *shape), np.uint8))


def test_items_come_back_in_order_whatever_their_sizes() -> None:
    network, shown = _network(LateLane())
    pairs = zip(_items(11), _items(11, (1, 8, 40, 3)), strict=True)
    items = [item for pair in pairs for item in pair]  # sizes take turns, as those of two cameras
    outputs = list(network.infer(items))
    for (seen, _), item in zip(outputs, items, strict=True):
        np.testing.assert_array_equal(seen, item)
    assert shown.count((4, 16, 24, 3)) == shown.count((4, 8, 40, 3)) == 3, "sizes were not gathered"
    assert len(shown) == 6


def test_every_batch_has_the_same_rows_and_missing_ones_are_black() -> None:
    network, shown = _network(LateLane())
    for count in (1, 3, 4, 5):
        outputs = list(network.infer(_items(count)))
        assert [output.shape for output, _ in outputs] == [(1, 16, 24, 3)] * count
    assert set(shown) == {(4, 16, 24, 3)}


def test_the_next_batch_is_on_the_device_before_the_first_is_read() -> None:
    lane = LateLane()
    network, _ = _network(lane)
    outputs = network.infer(_items(20))
    next(outputs)
    assert lane.diary == ["upload", "join", "download"] * 2
    list(outputs)
    assert lane.diary == ["upload", "join", "download"] * 5


def test_pictures_are_stretched_on_the_device_to_a_level_of_what_opencv_makes() -> None:
    network, _ = _network(LateLane())
    rng = np.random.default_rng(3)
    sizes = [(40, 61), (16, 24), (9, 300), (40, 61), (1, 1)]
    pictures = [
        SizedPicture(rng.integers(0, 256, (*size, 3), np.uint8), *((16, 24) if number % 2 else (32, 24)))
        for number, size in enumerate(sizes)
    ]
    seen = [shown for shown, _ in network.infer_pictures(pictures)]
    for array, picture in zip(seen, pictures, strict=True):
        expected = stretch(picture.image, picture.height, picture.width).astype(np.float32)
        np.testing.assert_allclose(array, expected, rtol=0, atol=1)
    np.testing.assert_array_equal(seen[1], pictures[1].image[None])  # of the right size already


def test_without_a_device_pictures_are_what_they_always_were() -> None:
    shown: list[tuple[int, ...]] = []
    source = NetworkSource(lambda: _Mirror(shown), (1, -1, -1, 3), (1, 16, 24, 3), "uint8", "mirror")
    network = TorchNetwork(source, "cpu", "f32")
    image = np.random.default_rng(4).integers(0, 256, (50, 70, 3), np.uint8)
    ((seen, _),) = network.infer_pictures([SizedPicture(image, 32, 64)])
    np.testing.assert_array_equal(seen, stretch(image, 32, 64))
    assert shown == [(1, 32, 64, 3)]
    assert network.concurrency == 1


def test_a_caller_that_stops_early_leaves_the_queue_usable() -> None:
    network, _ = _network(LateLane())
    next(network.infer(_items(20)))

    def breaking() -> Iterator[NDArray[np.uint8]]:
        yield from _items(9)
        raise OSError("no picture")

    with pytest.raises(OSError, match="no picture"):
        list(network.infer(breaking()))
    for (seen, _), item in zip(network.infer(_items(6)), _items(6), strict=True):
        np.testing.assert_array_equal(seen, item)


def test_no_item_no_work() -> None:
    lane = LateLane()
    network, _ = _network(lane)
    assert list(network.infer([])) == []
    assert lane.diary == []


def test_outputs_may_be_kept() -> None:
    """Memory that results lie in is not used for later ones."""
    network, _ = _network(LateLane())
    kept = [seen for seen, _ in network.infer(_items(17))]
    list(network.infer(_items(16)))
    for seen, item in zip(kept, _items(17), strict=True):
        np.testing.assert_array_equal(seen, item)


def test_a_device_that_fails_is_an_error_that_ends_the_process() -> None:
    """Not a refusal of the batch, as a lack of memory is: the next would fail alike, for ever."""
    with pytest.raises(DeviceError, match=r"cpu has failed: CUDA error: an illegal memory access .*; see"):
        _network(FaultyLane())
