"""FFmpeg undoes the percent-encoding of an address: the camera is told the password as it was written down."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from pipeline.capture.credentials import Credentials, with_credentials
from tests.loopback import Loopback, Served

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    path = tmp_path / "one.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), "bgr24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


def test_the_password_arrives_as_it_was_written_down(picture: bytes, loopback: Loopback) -> None:
    user, password = "admin", "p@ss/w:ö%41 +#?"
    asking = Served(picture, statuses=[401], headers={"WWW-Authenticate": 'Basic realm="camera"'})
    address = with_credentials(loopback.serve("/stream", asking), Credentials(user, password))
    with av.open(address, "r", timeout=10) as container:
        assert sum(1 for _ in container.decode(video=0)) == 1
    expected = b64encode(f"{user}:{password}".encode()).decode()
    assert set(loopback.authorizations) == {f"Basic {expected}"}
