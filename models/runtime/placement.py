"""Where a network runs and in which precision: from what was asked to what this machine has."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from config.errors import DeviceError

if TYPE_CHECKING:
    from config.sections.detector import DetectorSettings

Runtime = Literal["openvino", "torch"]
Precision = Literal["f32", "bf16", "f16"]


@dataclass(frozen=True, slots=True)
class Placement:
    """A runtime, a device and a precision that this machine has.

    Attributes:
        device: ``cpu``, or ``cuda:N``.
    """

    runtime: Runtime
    device: str
    precision: Precision


def place(settings: DetectorSettings) -> Placement:
    """Resolve ``auto``, and refuse what cannot be had.

    Raises:
        DeviceError: the device, runtime or precision is not available here.
    """
    device = _device(settings.device)
    runtime: Runtime = (
        ("openvino" if device == "cpu" else "torch") if settings.runtime == "auto" else settings.runtime
    )
    if runtime == "openvino" and device != "cpu":
        raise DeviceError(
            f"runtime openvino runs on the cpu, not on {device}: set detector.device or detector.runtime"
        )
    available = _precisions(runtime, device)
    if settings.precision == "auto":
        return Placement(runtime, device, available[0])
    if settings.precision not in available:
        raise DeviceError(
            f"precision {settings.precision} is not available with runtime {runtime} on this {device}: "
            f"set detector.precision to one of {', '.join(available)}, or to auto"
        )
    return Placement(runtime, device, settings.precision)


def _precisions(runtime: Runtime, device: str) -> tuple[Precision, ...]:
    """What the device computes natively, what ``auto`` takes first."""
    if runtime == "openvino":
        from models.runtime.conversion import cpu_capabilities

        return ("bf16", "f32") if "BF16" in cpu_capabilities() else ("f32",)
    return ("f32",) if device == "cpu" else ("f16", "f32", "bf16")


def _device(asked: str) -> str:
    if asked == "cpu" or (asked == "auto" and not _has_nvidia_driver()):
        return "cpu"
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if asked == "auto":
        return "cuda:0" if count else "cpu"
    number = int(asked.partition(":")[2] or 0)
    if number >= count:
        raise DeviceError(
            f"detector.device is {asked}, but torch sees {count} CUDA devices: set it to auto or cpu"
        )
    return f"cuda:{number}"


def _has_nvidia_driver() -> bool:
    """Spares machines without a GPU the seconds that importing torch takes."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True
