"""Is there what the network is to run on?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import DeviceError
from models.runtime.placement import place
from pipeline.doctor.findings import ok, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.schema import Settings
    from pipeline.doctor.findings import Finding


def check_devices(settings: Settings) -> Iterator[Finding]:
    """Each device can be had, with the runtime and the precision that are asked for."""
    for device in settings.batching.devices or (settings.detector.device,):
        subject = f"device {device}"
        try:
            placed = place(settings.detector.model_copy(update={"device": device}))
        except DeviceError as error:
            yield refused(subject, error)
        else:
            yield ok(subject, f"{placed.runtime} on {placed.device}, {placed.precision}")
