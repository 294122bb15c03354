"""Does the FFmpeg that PyAV brings read what cameras send?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
from av.codec.codec import UnknownCodecError

from pipeline.doctor.findings import failure, ok

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.sections.cameras import CameraSettings
    from pipeline.doctor.findings import Finding

_SUBJECT = "FFmpeg"
_DECODERS = ("h264", "hevc", "mjpeg")
_FORMATS = ("rtsp", "mpjpeg")


def check_ffmpeg(cameras: Sequence[CameraSettings]) -> Iterator[Finding]:
    """Decoders and formats are compiled in."""
    formats = [*_FORMATS]
    if any(camera.address.startswith("/dev/") for camera in cameras):
        formats.append("v4l2")
    missing = [f"the decoder {name}" for name in _DECODERS if not _has_decoder(name)]
    missing += [f"the format {name}" for name in formats if not _has_format(name)]
    if missing:
        yield failure(
            _SUBJECT,
            f"PyAV {av.__version__} lacks {', '.join(missing)}",
            "install PyAV's own wheel: pip install --force-reinstall --only-binary av av",
        )
    else:
        version = ".".join(map(str, av.library_versions["libavcodec"]))
        yield ok(
            _SUBJECT, f"libavcodec {version} of PyAV {av.__version__}: {', '.join([*_DECODERS, *formats])}"
        )


def _has_decoder(name: str) -> bool:
    try:
        av.Codec(name, "r")
    except UnknownCodecError:
        return False
    return True


def _has_format(name: str) -> bool:
    try:
        av.ContainerFormat(name, "r")
    except ValueError:
        return False
    return True
