"""Whether a recording was cut short: containers say how long they are, and FFmpeg does not mind if they lie."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

    from pipeline.capture.snapshot import Snapshot

_EBML_MAGIC = b"\x1a\x45\xdf\xa3"
_EBML_SEGMENT = b"\x18\x53\x80\x67"
_MP4_FIRST_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp"})
_EBML_CLUSTER = b"\x1f\x43\xb6\x75"
_LARGEST_CLUSTER_BYTES = 32 * 1024 * 1024
"""So much is searched for the next cluster; muxers end a cluster after five megabytes or seconds."""
_TS_PACKET_BYTES = 188
_TS_SYNC = 0x47
_MOST_PARTS = 1_000_000
"""A file of more boxes or chunks than this is not walked to its end."""


def is_cut_short(recording: Snapshot | BinaryIO, size_bytes: int) -> bool:
    """Whether the container itself says that bytes are missing at its end.

    Knows MP4/MOV (ISO/IEC 14496-12, 4.2: boxes), AVI (RIFF chunks, OpenDML too), Matroska/WebM (RFC 8794: EBML
    element sizes; of a file that was written without a size, those of its clusters) and MPEG-TS (ISO/IEC 13818-1,
    2.4.3: packets of 188 bytes). Of other containers it says False, as of a cut that falls between two such parts.

    Args:
        recording: seekable; its position is left anywhere.
        size_bytes: bytes that are there.
    """
    recording.seek(0)
    head = recording.read(_TS_PACKET_BYTES + 1)
    if head[4:8] in _MP4_FIRST_BOXES:
        return _mp4_is_cut(recording, size_bytes)
    if head[:4] == b"RIFF":
        return _riff_is_cut(recording, size_bytes)
    if head[:4] == _EBML_MAGIC:
        return _matroska_is_cut(recording, size_bytes)
    if len(head) > _TS_PACKET_BYTES and head[0] == head[_TS_PACKET_BYTES] == _TS_SYNC:
        return size_bytes % _TS_PACKET_BYTES != 0
    return False


def _mp4_is_cut(recording: Snapshot | BinaryIO, size_bytes: int) -> bool:
    position = 0
    for _ in range(_MOST_PARTS):
        if position >= size_bytes:
            break
        if position + 8 > size_bytes:  # a torn header
            return True
        recording.seek(position)
        header = recording.read(16)
        length = int.from_bytes(header[:4], "big")
        if length == 1 and len(header) == 16:
            length = int.from_bytes(header[8:], "big")
        elif length == 0:  # "to the end of the file"
            return False
        if length < 8:  # no box: bytes after the last one are nobody's business
            return False
        position += length
    return position > size_bytes


def _riff_is_cut(recording: Snapshot | BinaryIO, size_bytes: int) -> bool:
    position = 0
    for _ in range(_MOST_PARTS):
        recording.seek(position)
        header = recording.read(8)
        if position and header[:4] != b"RIFF":  # bytes after the last chunk are nobody's business
            break
        length = int.from_bytes(header[4:], "little")
        if length == 0:  # never finished: the writer fills the size in at the end
            return True
        position += 8 + length
        if position >= size_bytes:
            break
    return position > size_bytes


def _matroska_is_cut(recording: Snapshot | BinaryIO, size_bytes: int) -> bool:
    recording.seek(len(_EBML_MAGIC))
    header_length = _ebml_size(recording)
    if header_length is None:
        return False
    recording.seek(header_length, io.SEEK_CUR)
    if recording.read(len(_EBML_SEGMENT)) != _EBML_SEGMENT:
        return False
    segment_length = _ebml_size(recording)
    if segment_length is None:
        return _last_element_is_cut(recording, size_bytes)
    return recording.tell() + segment_length > size_bytes


def _last_element_is_cut(recording: Snapshot | BinaryIO, size_bytes: int) -> bool:
    """Walk the children of a segment without a size; past one that has none either, nothing can be seen."""
    position = start = recording.tell()
    for _ in range(_MOST_PARTS):
        if position >= size_bytes:
            break
        recording.seek(start := position)
        first = recording.read(1)[0]
        if first == 0:  # no element: bytes after the last one are nobody's business
            return False
        # the id says how long it is, as a size does (RFC 8794, 5)
        recording.seek(position + 9 - first.bit_length())
        length = _ebml_size(recording)
        if length is None:
            return recording.tell() >= size_bytes  # a torn header
        position = recording.tell() + length
    return position > size_bytes and not _is_cluster_after(recording, start)


def _is_cluster_after(recording: Snapshot | BinaryIO, start: int) -> bool:
    """Whether another cluster follows the element at ``start``: then it is its size that is damaged."""
    recording.seek(start + len(_EBML_CLUSTER))
    return _EBML_CLUSTER in recording.read(_LARGEST_CLUSTER_BYTES)


def _ebml_size(recording: Snapshot | BinaryIO) -> int | None:
    """The variable-length size at the current position; None if it is unknown or malformed (RFC 8794, 4 and 6.2)."""
    first = recording.read(1)
    if not first or first[0] == 0:
        return None
    octets = 9 - first[0].bit_length()
    rest = recording.read(octets - 1)
    value_bits = 7 * octets
    value = int.from_bytes(first + rest, "big") & ((1 << value_bits) - 1)
    return None if len(rest) < octets - 1 or value == (1 << value_bits) - 1 else value
