"""The person detector and the device it runs on."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from config.sections.base import Section


class DetectorSettings(Section):
    """Which network finds persons, and how."""

    name: str = "yolov3-tiny"
    """Network: `sitewatch weights list` names them; `darknet` is any relative of YOLOv3 with its own description."""
    weights_file: Path | None = None
    """Weights to use instead of the catalogue's; `darknet` needs it."""
    definition_file: Path | None = None
    """Darknet description (.cfg) of the network; only for `darknet`, which needs it."""
    person_class: int = Field(default=0, ge=0)
    """Index of persons among the classes of the network; only for `darknet`."""
    input_height_px: int | None = Field(default=None, ge=32, le=4096)
    """Height of the network's input (the short side for RetinaNet and Faster R-CNN); when absent the YOLOv3 family follows the picture."""
    input_width_px: int | None = Field(default=None, ge=32, le=4096)
    """Width of the network's input (at most the long side for RetinaNet and Faster R-CNN); absent as the height."""
    max_input_px2: int = Field(default=576 * 768, ge=32 * 32, le=4096 * 4096)
    """An input that follows the picture has at most so many pixels: fewer are faster, more find people who are far away."""
    score_threshold: float = Field(default=0.1, ge=0, le=1)
    """Boxes below this confidence are not reported; the tracker has thresholds of its own above it."""
    nms_iou_threshold: float = Field(default=0.45, ge=0, le=1)
    """Of two boxes that overlap more than this, only the more confident stays."""
    max_detections: int = Field(default=300, ge=1)
    """At most so many boxes an image."""
    device: str = Field(default="auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")
    """auto (the first CUDA device, else the CPU), cpu, cuda or cuda:N."""
    runtime: Literal["auto", "openvino", "torch"] = "auto"
    """auto takes OpenVINO on the CPU and torch on CUDA."""
    precision: Literal["auto", "f32", "bf16", "f16"] = "auto"
    """auto takes bf16 on a CPU that has it, f16 on CUDA, else f32."""
    batch_size: int | None = Field(default=None, ge=1, le=256)
    """Images a call; what keeps the device busy when absent."""
