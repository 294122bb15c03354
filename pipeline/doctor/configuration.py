"""Is there a site in the configuration? That each value in it is right was checked when it was loaded."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pipeline.doctor.findings import failure, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.provenance import LoadedSettings
    from pipeline.doctor.findings import Finding

_SUBJECT = "configuration"


def check_configuration(loaded: LoadedSettings) -> Iterator[Finding]:
    """There are cameras, and each is another one."""
    cameras = loaded.settings.cameras
    if not cameras:
        remedy = "list the cameras of the site below cameras: in a file, and name it with --config"
        judged = (
            warning if loaded.path is None else failure
        )  # without a file the machine alone was asked about
        yield judged(_SUBJECT, "no camera is configured", remedy)
        return
    changed = sum(origin.kind != "default" for origin in loaded.origins.values())
    yield ok(_SUBJECT, f"{loaded.path or 'no file'}: cameras: {len(cameras)}, values set: {changed}")
    for address, count in Counter(camera.address for camera in cameras).items():
        if count > 1:
            ids = ", ".join(camera.id for camera in cameras if camera.address == address)
            yield warning(
                _SUBJECT, f"{ids} read the same address", "many cameras allow few sessions: declare it once"
            )
