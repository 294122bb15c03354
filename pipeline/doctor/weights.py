"""Are the weights of the configured network here, and are they the right ones?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from config.errors import UnknownNetwork
from models.registry import DETECTORS
from models.weights.cache import weights_dir
from models.weights.catalogue import entries
from models.weights.resolving import ABSENT, check
from pipeline.doctor.findings import failure, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.sections.detector import DetectorSettings
    from models.weights.catalogue import Entry
    from pipeline.doctor.findings import Finding

_SUBJECT = "weights"


def check_weights(settings: DetectorSettings) -> Iterator[Finding]:
    """Files that the site names can be read; those of the catalogue are compared with it, byte for byte."""
    try:
        DETECTORS.require(settings.name)
    except UnknownNetwork as error:
        yield failure(_SUBJECT, str(error), "correct detector.name")
        return
    named = {"weights_file": settings.weights_file, "definition_file": settings.definition_file}
    for key, path in named.items():
        if path is not None and not (os.access(path, os.R_OK) and path.is_file()):
            yield failure(_SUBJECT, f"{path} cannot be read", f"correct detector.{key}, or the file's mode")
        elif path is not None:
            yield ok(_SUBJECT, f"{path} is there")
        elif settings.name == "darknet":
            yield failure(_SUBJECT, f"detector.{key} is not set", "darknet needs it: set it")
    known = entries()
    if settings.weights_file is None and settings.name in known:
        yield _compared(known[settings.name])


def _compared(entry: Entry) -> Finding:
    faults = {file: fault for file, fault in check(entry).items() if fault is not None}
    if not faults:
        return ok(_SUBJECT, f"{entry.name} is in {weights_dir()}, as in the catalogue")
    found = "; ".join(f"{file} {fault}" for file, fault in faults.items())
    remedy = f"sitewatch weights fetch {entry.name}"
    if set(faults.values()) == {ABSENT}:
        return failure(_SUBJECT, f"{found} ({weights_dir()})", f"{remedy}, as the daemon's user")
    return failure(_SUBJECT, found, f"{remedy} replaces it")
