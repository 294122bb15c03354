"""Buffers on the way to a device are written again only when the device has read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.runtime.uploads import DeviceUploads
from tests.late_lane import LateLane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def _picture(level: int, shape: tuple[int, ...] = (7, 5, 3)) -> NDArray[np.uint8]:
    return np.full(shape, level, np.uint8)


def test_arrays_arrive_as_they_were_when_they_were_handed_over() -> None:
    """Also strided views, read-only memory, other types, and sizes that do not end where the next may start."""
    whole = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    view = whole[3:31:2, 50:7:-3]
    frozen = np.random.default_rng(2).random((1, 11), np.float32)
    frozen.flags.writeable = False
    sent: list[NDArray[Any]] = [_picture(9), view, frozen, _picture(3, (1, 1, 3))]
    expected = [array.copy() for array in sent]
    upload = DeviceUploads(LateLane()).begin(sent)
    whole[:] = 0
    arrived = upload.tensors()
    assert len(arrived) == len(expected)
    for tensor, array in zip(arrived, expected, strict=True):
        assert tensor.numpy().dtype == array.dtype
        np.testing.assert_array_equal(tensor.numpy(), array)


def test_uploads_that_nobody_has_looked_at_keep_their_pixels() -> None:
    uploads = DeviceUploads(LateLane())
    begun = [uploads.begin([_picture(level)]) for level in range(7)]
    assert [int(upload.tensors()[0].max()) for upload in begun] == list(range(7))


def test_two_buffers_serve_all_batches_of_a_size() -> None:
    lane = LateLane()
    uploads = DeviceUploads(lane)
    for level in range(9):
        uploads.begin([_picture(level), _picture(level)]).tensors()
    assert len(lane.allocated) == 2


def test_buffers_grow_with_the_largest_batch_and_never_shrink() -> None:
    lane = LateLane()
    uploads = DeviceUploads(lane)
    shapes = [(2, 2, 3), (2, 2, 3), (4, 4, 3), (2, 2, 3), (4, 4, 3), (4, 4, 3), (2, 2, 3)]
    for level, shape in enumerate(shapes):
        (arrived,) = uploads.begin([_picture(level, shape)]).tensors()
        np.testing.assert_array_equal(arrived.numpy(), _picture(level, shape))
    assert lane.allocated == [12, 12, 48, 48]


def test_a_growing_buffer_does_not_lose_the_copy_that_is_under_way() -> None:
    uploads = DeviceUploads(LateLane())
    small = [uploads.begin([_picture(level)]) for level in (1, 2)]
    large = uploads.begin([_picture(3, (90, 90, 3))])
    assert [int(upload.tensors()[0].min()) for upload in (*small, large)] == [1, 2, 3]


def test_the_next_is_on_its_way_before_one_is_handed_out() -> None:
    lane = LateLane()
    seen = []
    for tensor in DeviceUploads(lane).each(_picture(level) for level in range(4)):
        seen.append(int(tensor.max()))
        lane.diary.append("work")
    assert seen == [0, 1, 2, 3]
    assert lane.diary == [
        *("upload", "upload", "join", "work"),
        *("upload", "join", "work"),
        *("upload", "join", "work"),
        *("join", "work"),
    ]


def test_nothing_to_upload() -> None:
    lane = LateLane()
    assert list(DeviceUploads(lane).each([])) == []
    assert lane.diary == []


def test_a_picture_that_cannot_be_made_leaves_the_buffers_usable() -> None:
    uploads = DeviceUploads(LateLane())

    def breaking() -> Iterator[NDArray[np.uint8]]:
        yield _picture(1)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(uploads.each(breaking()))
    assert [int(tensor.max()) for tensor in uploads.each([_picture(5), _picture(6)])] == [5, 6]
