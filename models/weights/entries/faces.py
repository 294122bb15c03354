"""Face detectors and embedders.

Reference: MTCNN (Zhang 2016, arXiv:1604.02878), FaceNet (Schroff 2015, arXiv:1503.03832), BlazeFace (Bazarevsky 2019,
arXiv:1907.05047), dlib's face recognition network (King 2017).
"""

from __future__ import annotations

from models.weights.catalogue import Entry, InputFormat
from models.weights.entries.pose import mediapipe_file
from models.weights.files import RemoteFile
from models.weights.package import PackageMember
from models.weights.url import Url

_FACENET_RELEASE = "https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9/"
_FACENET_INPUT = InputFormat("160x160", "RGB", "minus 127.5, /128")


def _mtcnn_stage(name: str, size_bytes: int, sha256: str) -> RemoteFile:
    wheel = PackageMember(
        project="facenet-pytorch",
        archive="facenet_pytorch-2.5.3-py3-none-any.whl",
        archive_sha256="b8002c3ee7a3af471c433cbda1fdcab9ae2d46a4aac43435ba08259c45ffc884",
        member=f"facenet_pytorch/data/{name}",
    )
    return RemoteFile(f"mtcnn-{name}", size_bytes, sha256, (wheel,))


def _facenet(name: str, file: tuple[str, int, str], training: str, lfw_accuracy: float) -> Entry:
    file_name, size_bytes, sha256 = file
    return Entry(
        name=name,
        task="face embedder",
        files=(RemoteFile(file_name, size_bytes, sha256, (Url(_FACENET_RELEASE + file_name),)),),
        licence="MIT",
        training=training,
        input=_FACENET_INPUT,
        score=f"LFW accuracy {lfw_accuracy} (authors)",
    )


ENTRIES = (
    Entry(
        name="mtcnn",
        task="face detector",
        files=(
            _mtcnn_stage(
                "pnet.pt", 28_570, "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f"
            ),
            _mtcnn_stage(
                "rnet.pt", 403_147, "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86"
            ),
            _mtcnn_stage(
                "onet.pt", 1_559_269, "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d"
            ),
        ),
        licence="MIT",
        training="MTCNN authors (WIDER FACE, CelebA), ported by facenet-pytorch",
        input=InputFormat("any", "RGB", "minus 127.5, /128"),
    ),
    Entry(
        name="dlib-resnet",
        task="face embedder",
        files=(
            RemoteFile(
                name="dlib_face_recognition_resnet_model_v1.dat",
                size_bytes=22_466_066,
                sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
                places=(
                    PackageMember(
                        project="face-recognition-models",
                        archive="face_recognition_models-0.3.0.tar.gz",
                        archive_sha256="b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
                        member="face_recognition_models-0.3.0/face_recognition_models/models/"
                        "dlib_face_recognition_resnet_model_v1.dat",
                    ),
                ),
            ),
        ),
        licence="CC0-1.0",
        training="Davis King, 3 million faces (FaceScrub, VGG, web)",
        input=InputFormat("150x150 aligned", "RGB", "minus (122.782, 117.001, 104.298), /256"),
        score="EER 1.6 % on 192 photos of 37 people, aligned by MTCNN",
    ),
    Entry(
        name="blazeface-full-range",
        task="face detector",
        files=(
            mediapipe_file(
                "face_detection/face_detection_full_range_sparse.tflite",
                676_746,
                "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
            ),
        ),
        licence="Apache-2.0",
        training="Google MediaPipe",
        input=InputFormat("192x192", "RGB", "/127.5, minus 1"),
    ),
    Entry(
        name="blazeface-short-range",
        task="face detector",
        files=(
            mediapipe_file(
                "face_detection/face_detection_short_range.tflite",
                229_714,
                "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
            ),
        ),
        licence="Apache-2.0",
        training="Google MediaPipe",
        input=InputFormat("128x128", "RGB", "/127.5, minus 1"),
    ),
    _facenet(
        "facenet-vggface2",
        (
            "20180402-114759-vggface2.pt",
            111_898_327,
            "281cebca8662831adb987a874bdcb36e73f5b1c6dc5ee5878f305e985625d99b",
        ),
        "David Sandberg, VGGFace2",
        0.9965,
    ),
    _facenet(
        "facenet-casia",
        (
            "20180408-102900-casia-webface.pt",
            115_887_415,
            "7a67afdbbc995fce5e10128675e318799a70698c2f433ba75dd7eb9a2f096e7d",
        ),
        "David Sandberg, CASIA-WebFace",
        0.9905,
    ),
)
