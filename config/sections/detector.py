"""The person detector and the device it runs on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.sections.base import Section


class DetectorSettings(Section):
    """Which network finds persons, and how."""

    name: str = "yolov3-tiny"
    """Network: `sitewatch weights list` names them."""
    input_height_px: int = Field(default=416, ge=32, le=4096)
    """Height of the network's input; a multiple of 32 for the YOLOv3 family."""
    input_width_px: int = Field(default=544, ge=32, le=4096)
    """Width of the network's input; a multiple of 32 for the YOLOv3 family."""
    score_threshold: float = Field(default=0.1, ge=0, le=1)
    """Boxes below this confidence are not reported; the tracker has thresholds of its own above it."""
    nms_iou_threshold: float = Field(default=0.45, ge=0, le=1)
    """Of two boxes that overlap more than this, only the more confident stays."""
    max_detections: int = Field(default=300, ge=1)
    """At most so many boxes an image."""
    device: str = Field(default="auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")
    """auto takes the first CUDA device, else the CPU."""
    runtime: Literal["auto", "openvino", "torch"] = "auto"
    """auto takes OpenVINO on the CPU and torch on CUDA."""
    precision: Literal["auto", "f32", "bf16", "f16"] = "auto"
    """auto takes bf16 on a CPU that has it, f16 on CUDA, else f32."""
    batch_size: int = Field(default=1, ge=1, le=64)
    """Images a call."""
