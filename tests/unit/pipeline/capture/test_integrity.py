"""Containers that say how long they are."""

from __future__ import annotations

import io

import pytest

from pipeline.capture.integrity import is_cut_short


def box(kind: bytes, content: int) -> bytes:
    return (8 + content).to_bytes(4, "big") + kind + bytes(content)


def long_box(kind: bytes, content: int) -> bytes:
    return (1).to_bytes(4, "big") + kind + (16 + content).to_bytes(8, "big") + bytes(content)


def riff(content: int) -> bytes:
    return b"RIFF" + content.to_bytes(4, "little") + bytes(content)


def cluster(content: int, stated: int | None = None) -> bytes:
    return CLUSTER + b"\x01" + (content if stated is None else stated).to_bytes(7, "big") + bytes(content)


EBML = b"\x1a\x45\xdf\xa3\x84abcd\x18\x53\x80\x67"
UNSIZED = EBML + b"\x01\xff\xff\xff\xff\xff\xff\xff"
CLUSTER = b"\x1f\x43\xb6\x75"
FTYP = box(b"ftyp", 12)


@pytest.mark.parametrize(
    ("content", "cut"),
    [
        (FTYP + box(b"mdat", 100) + box(b"moov", 30), False),
        ((FTYP + box(b"mdat", 100))[:-1], True),
        (FTYP + long_box(b"mdat", 64), False),
        ((FTYP + long_box(b"mdat", 64))[:-5], True),
        (FTYP + box(b"mdat", 8) + b"\x00\x00", True),
        (FTYP + b"\x00\x00\x00\x00mdat" + bytes(9), False),
        (FTYP + bytes(3) + b"\x05trail" + bytes(40), False),
        (riff(40), False),
        (riff(40)[:-1], True),
        (riff(40) + riff(20)[:-1], True),
        (riff(40) + b"JUNKJUNKJUNK", False),
        (riff(0) + bytes(100), True),
        (EBML + b"\x8a" + bytes(10), False),
        (EBML + b"\x8b" + bytes(10), True),
        (EBML + b"\x01" + (50).to_bytes(7, "big") + bytes(49), True),
        (EBML + b"\x01\xff\xff\xff\xff\xff\xff\xff" + bytes(10), False),
        (EBML + b"\x01\x00", False),
        (UNSIZED + cluster(20) + cluster(30), False),
        ((UNSIZED + cluster(20) + cluster(30))[:-1], True),
        (UNSIZED + cluster(20) + cluster(30)[:6], True),
        (UNSIZED + cluster(20) + cluster(30)[:3], True),
        (UNSIZED + cluster(20, stated=200) + cluster(30), False),  # damaged: another cluster follows
        (UNSIZED + cluster(20) + CLUSTER + b"\x01\xff\xff\xff\xff\xff\xff\xff" + bytes(10), False),
        (b"\x1a\x45\xdf\xa3", False),
        ((b"\x47" + bytes(187)) * 3, False),
        ((b"\x47" + bytes(187)) * 3 + b"\x47", True),
        (b"anything else", False),
        (b"", False),
    ],
)
def test_what_containers_say(content: bytes, cut: bool) -> None:
    assert is_cut_short(io.BytesIO(content), len(content)) is cut
