from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError, DeviceError, UnknownNetwork, WeightsUnavailable
from config.sections.detector import DetectorSettings
from models.detectors.stub import StubDetector, build
from models.registry import DETECTORS, Registry, build_detector
from tests.darknet_files import SMALL_RELATIVE


def test_a_name_is_taken_once() -> None:
    registry = Registry()
    registry.register("stub", build)
    with pytest.raises(ValueError, match="'stub' is registered already"):
        registry.register("stub", build)
    assert registry.names == ("stub",)


def test_unknown_names_get_a_suggestion() -> None:
    with pytest.raises(UnknownNetwork, match="no detector called 'yolo-tiny'; there is yolov3-tiny"):
        build_detector(DetectorSettings(name="yolo-tiny"))


def test_all_networks_of_the_design_are_there() -> None:
    assert set(DETECTORS.names) == {
        *("yolov3-tiny", "yolov3", "yolov3-spp", "darknet"),
        *("retinanet-r50", "retinanet-r50-v2", "ssd300-vgg16", "ssdlite320"),
        *("fasterrcnn-r50", "fasterrcnn-r50-v2", "fasterrcnn-mobilenet-320"),
        "stub",
    }


def test_stub_takes_its_thresholds() -> None:
    detector = build_detector(
        DetectorSettings(name="stub", score_threshold=0.9, max_detections=3, batch_size=2)
    )
    assert detector == StubDetector(batch_size=2, score_threshold=0.9, max_detections=3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "darknet"}, "needs detector.definition_file"),
        ({"definition_file": "x.cfg"}, "definition_file is for the network darknet"),
        (
            {"input_height_px": 400, "input_width_px": 544},
            "400x544: yolov3-tiny needs multiples of 32; try 384x544",
        ),
        (
            {"input_height_px": 416},
            "input_width_px: yolov3-tiny needs both, or neither to follow the picture",
        ),
    ],
)
def test_settings_that_do_not_fit_the_network(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_detector(DetectorSettings.model_validate(settings), Path("weights"))


def test_a_class_that_the_network_does_not_have(tmp_path: Path) -> None:
    cfg = tmp_path / "small.cfg"
    cfg.write_text(SMALL_RELATIVE)
    settings = DetectorSettings(name="darknet", definition_file=cfg, person_class=2)
    with pytest.raises(ConfigError, match=r"person_class is 2; .*small\.cfg has fewer classes"):
        build_detector(settings, Path("weights"))


def test_missing_weights_file(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="the weights cannot be read"):
        build_detector(DetectorSettings(), tmp_path / "missing.weights")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"device": "cuda:99"}, "torch sees . CUDA devices"),
        ({"runtime": "torch", "device": "cpu", "precision": "f16"}, "precision f16 is not available"),
        ({"runtime": "openvino", "device": "cpu", "precision": "f16"}, "set detector.precision to one of"),
    ],
)
def test_devices_that_are_not_here(settings: dict[str, object], message: str) -> None:
    with pytest.raises(DeviceError, match=message):
        build_detector(DetectorSettings.model_validate(settings), Path("weights"))
