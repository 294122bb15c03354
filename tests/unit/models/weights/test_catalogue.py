"""Every entry of the catalogue is complete, and the names that configuration may use are there."""

from __future__ import annotations

import re

import pytest

from config.errors import UnknownNetwork
from config.sections.detector import DetectorSettings
from models.weights.catalogue import Entry, entries, entry
from models.weights.package import PackageMember
from models.weights.url import Url

ALL = list(entries().values())
EXPECTED = {
    "yolov3-tiny", "yolov3", "yolov3-spp", "retinanet-r50", "retinanet-r50-v2", "fasterrcnn-r50", "fasterrcnn-r50-v2",
    "fasterrcnn-mobilenet-320", "ssd300-vgg16", "ssdlite320", "mtcnn", "dlib-resnet", "blazepose-full",
    "blazeface-full-range", "blazeface-short-range", "facenet-vggface2", "facenet-casia",
}  # fmt: skip


def test_holds_the_networks_of_the_design() -> None:
    assert set(entries()) == EXPECTED
    assert DetectorSettings().name in EXPECTED


def test_no_two_files_share_a_name_or_content() -> None:
    files = [file for one in ALL for file in one.files]
    assert len({file.name for file in files}) == len(files)
    assert len({file.sha256 for file in files}) == len(files)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_entry_is_complete(one: Entry) -> None:
    assert one.licence
    assert one.training
    assert one.input.size
    assert one.files
    for file in one.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert re.fullmatch(r"[\w.-]+", file.name)
        assert file.size_bytes > 0
        assert file.places
        for place in file.places:
            assert isinstance(place, Url | PackageMember)
            if isinstance(place, Url):
                assert place.address.startswith("https://")
            else:
                assert re.fullmatch(r"[0-9a-f]{64}", place.archive_sha256)


def test_a_hash_in_a_file_name_is_the_beginning_of_the_sha256() -> None:
    checked = 0
    for file in (file for one in ALL for file in one.files):
        digits = re.search(r"-([0-9a-f]{8})\.pth$", file.name)
        if digits:
            assert file.sha256.startswith(digits[1])
            checked += 1
    assert checked == 7


def test_torchvision_entries_are_those_of_the_installed_torchvision() -> None:
    detection = pytest.importorskip("torchvision.models.detection")
    official = {
        "retinanet-r50": detection.RetinaNet_ResNet50_FPN_Weights,
        "retinanet-r50-v2": detection.RetinaNet_ResNet50_FPN_V2_Weights,
        "fasterrcnn-r50": detection.FasterRCNN_ResNet50_FPN_Weights,
        "fasterrcnn-r50-v2": detection.FasterRCNN_ResNet50_FPN_V2_Weights,
        "fasterrcnn-mobilenet-320": detection.FasterRCNN_MobileNet_V3_Large_320_FPN_Weights,
        "ssd300-vgg16": detection.SSD300_VGG16_Weights,
        "ssdlite320": detection.SSDLite320_MobileNet_V3_Large_Weights,
    }
    for name, weights in official.items():
        one = entry(name)
        (place,) = one.files[0].places
        assert isinstance(place, Url)
        assert place.address == weights.COCO_V1.url
        assert one.size_bytes / 2**20 == pytest.approx(weights.COCO_V1.meta["_file_size"], abs=0.0006)
        box_ap = weights.COCO_V1.meta["_metrics"]["COCO-val2017"]["box_map"]
        assert f"box AP {box_ap}" in one.score


def test_yolov3_sizes_are_a_header_and_float32_parameters() -> None:
    for name, parameters in (("yolov3-tiny", 8_858_734), ("yolov3", 62_001_757), ("yolov3-spp", 63_052_381)):
        assert entry(name).size_bytes == 20 + 4 * parameters


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownNetwork, match="did you mean yolov3-tiny"):
        entry("yolo3-tiny")
    with pytest.raises(UnknownNetwork, match="sitewatch weights list"):
        entry("zzz")
