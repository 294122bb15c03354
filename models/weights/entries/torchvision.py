"""RetinaNet, Faster R-CNN, SSD and SSDlite as torchvision trained them; COCO class 1 is the person.

Reference: the ``*_Weights`` enums of ``torchvision.models.detection``.
"""

from __future__ import annotations

from models.weights.catalogue import Entry, InputFormat
from models.weights.files import RemoteFile
from models.weights.url import Url

_ADDRESS = "https://download.pytorch.org/models/"
_IMAGENET = "/255, ImageNet mean and deviation"
_LARGE = InputFormat("short side 800, long side at most 1333", "RGB", _IMAGENET)


def _entry(name: str, file: tuple[str, int, str], form: InputFormat, box_ap: float) -> Entry:
    file_name, size_bytes, sha256 = file
    return Entry(
        name=name,
        task="person detector",
        files=(RemoteFile(file_name, size_bytes, sha256, (Url(_ADDRESS + file_name),)),),
        licence="BSD-3-Clause",
        training="torchvision, COCO train2017",
        input=form,
        score=f"COCO val2017 box AP {box_ap} (torchvision)",
    )


ENTRIES = (
    _entry(
        "retinanet-r50",
        (
            "retinanet_resnet50_fpn_coco-eeacb38b.pth",
            136_595_076,
            "eeacb38b7cec8cf93c57867e05eaab621047f19b0d2ec5accaa405f690da15b7",
        ),
        _LARGE,
        36.4,
    ),
    _entry(
        "retinanet-r50-v2",
        (
            "retinanet_resnet50_fpn_v2_coco-5905b1c5.pth",
            153_130_989,
            "5905b1c544219215e544dbe319720397bc4e68de61a733a59350d7976645b769",
        ),
        _LARGE,
        41.5,
    ),
    _entry(
        "fasterrcnn-r50",
        (
            "fasterrcnn_resnet50_fpn_coco-258fb6c6.pth",
            167_502_836,
            "258fb6c638b15964ddcdd1ae0748c5eef1be9e732750120cc857feed3faac384",
        ),
        _LARGE,
        37.0,
    ),
    _entry(
        "fasterrcnn-r50-v2",
        (
            "fasterrcnn_resnet50_fpn_v2_coco-dd69338a.pth",
            175_221_657,
            "dd69338a24b8d7381807e247652bdc356325bcbaf1cd3e092e00e0a1a58706bf",
        ),
        _LARGE,
        46.7,
    ),
    _entry(
        "fasterrcnn-mobilenet-320",
        (
            "fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth",
            77_844_807,
            "907ea3f91ff92242bc1baea8049276a3e76bca48ce7560bd268cc029f37977b5",
        ),
        InputFormat("short side 320, long side at most 640", "RGB", _IMAGENET),
        22.8,
    ),
    _entry(
        "ssd300-vgg16",
        (
            "ssd300_vgg16_coco-b556d3b4.pth",
            142_594_222,
            "b556d3b43ab6c3f63d81bfb8835fe8756ac22da664357da100dccf96b6a6b42d",
        ),
        InputFormat("300x300", "RGB", "minus (123.0, 117.0, 104.0)"),
        25.1,
    ),
    _entry(
        "ssdlite320",
        (
            "ssdlite320_mobilenet_v3_large_coco-a79551df.pth",
            14_069_355,
            "a79551df90c79834bcd3bb3845ef9d966b5449a3a9b2833ae8404778ca5d65d2",
        ),
        InputFormat("320x320", "RGB", "/127.5, minus 1"),
        21.3,
    ),
)
