"""All checks of a site, in the order in which they would be in the daemon's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.doctor.cameras import examine_cameras
from pipeline.doctor.configuration import check_configuration
from pipeline.doctor.database import check_database
from pipeline.doctor.devices import check_devices
from pipeline.doctor.ffmpeg import check_ffmpeg
from pipeline.doctor.folders import check_folders
from pipeline.doctor.limits import check_descriptors
from pipeline.doctor.metrics_port import check_metrics_port
from pipeline.doctor.privacy_masks import check_privacy_masks
from pipeline.doctor.service import check_service
from pipeline.doctor.shared_memory import check_shared_memory
from pipeline.doctor.weights import check_weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.provenance import LoadedSettings
    from pipeline.doctor.findings import Finding


def examine(
    loaded: LoadedSettings, environment: Mapping[str, str], *, open_cameras: bool = False
) -> Iterator[Finding]:
    """Every check, each as soon as it is made; nothing is changed.

    Args:
        loaded: configuration of the site.
        environment: of this process.
        open_cameras: decode a frame of each camera.
    """
    settings = loaded.settings
    yield from check_configuration(loaded)
    yield from check_privacy_masks(settings.cameras)
    sizes = {}
    for examined in examine_cameras(settings, environment, open_them=open_cameras):
        yield from examined.findings
        if examined.size is not None:
            sizes[examined.camera_id] = examined.size
    yield from check_ffmpeg(settings.cameras)
    yield from check_weights(settings.detector)
    yield from check_devices(settings)
    yield from check_folders()
    yield from check_database(settings.storage)
    port, daemon_runs = check_metrics_port(settings.metrics)
    yield port
    yield from check_shared_memory(settings, sizes, in_use=daemon_runs)
    yield from check_descriptors(len(settings.cameras))
    yield from check_service(settings.supervisor, environment)
