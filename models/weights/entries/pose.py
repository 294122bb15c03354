"""Body pose.

Reference: BlazePose (Bazarevsky 2020, arXiv:2006.10204).
"""

from __future__ import annotations

from models.weights.catalogue import Entry, InputFormat
from models.weights.files import RemoteFile
from models.weights.package import PackageMember


def mediapipe_file(member: str, size_bytes: int, sha256: str) -> RemoteFile:
    """A TFLite graph out of the mediapipe wheel, which is used as a container of files only."""
    wheel = PackageMember(
        project="mediapipe",
        archive="mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl",
        archive_sha256="05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
        member=f"mediapipe/modules/{member}",
    )
    return RemoteFile(member.rpartition("/")[2], size_bytes, sha256, (wheel,))


ENTRIES = (
    Entry(
        name="blazepose-full",
        task="body pose",
        files=(
            mediapipe_file(
                "pose_landmark/pose_landmark_full.tflite",
                6_440_512,
                "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
            ),
        ),
        licence="Apache-2.0",
        training="Google MediaPipe",
        input=InputFormat("256x256", "RGB", "/255"),
    ),
)
