"""The recording that a first run replays: OpenCV's ``vtest.avi``, PETS 2009 S2.L1 seen from view 1."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import InputNotFound, MalformedInput
from models.weights.cache import cache_dir
from models.weights.carried import Carried
from models.weights.fetching import NoPlaceHasIt, fetch_all
from models.weights.files import RemoteFile
from models.weights.progress import Terminal
from models.weights.url import Url
from pipeline.debian import DebianPackage

if TYPE_CHECKING:
    from models.weights.progress import Progress

SAMPLE = RemoteFile(
    name="vtest.avi",
    size_bytes=8_131_690,
    sha256="45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf",
    places=(
        Url("https://raw.githubusercontent.com/opencv/opencv/4.x/samples/data/vtest.avi"),
        DebianPackage("opencv-doc", "./usr/share/doc/opencv-doc/examples/data/vtest.avi"),
    ),
)
"""795 frames of 768 x 576 pixels. Shown and analysed, never redistributed: research use (University of Reading)."""


def footage_dir() -> Path:
    """Folder of fetched recordings."""
    return cache_dir() / "footage"


def fetch_sample(source: Path | None = None, progress: Progress | None = None) -> Path:
    """Path of the sample recording, fetched into the user's cache unless it is there.

    Places in order: the folder that SITEWATCH_DATA names, OpenCV's repository, the Debian package of its samples.

    Args:
        source: take this local file instead.
        progress: watches a transfer; a bar on the terminal when absent.

    Raises:
        InputNotFound: no place gives it, or there is no file ``source``.
        MalformedInput: ``source`` is another file.
    """
    if source is not None and not source.is_file():
        raise InputNotFound(f"no file {source}")
    places = (Carried(source, None),) if source else (*_evaluation_data(), *SAMPLE.places)
    try:
        (path,) = fetch_all([replace(SAMPLE, places=places)], footage_dir(), progress or Terminal())
    except NoPlaceHasIt as failure:
        if source:
            raise MalformedInput("; ".join(failure.answers)) from None
        raise InputNotFound(_by_hand(failure.answers)) from None
    return path


def _evaluation_data() -> tuple[Carried, ...]:
    folder = os.environ.get("SITEWATCH_DATA")
    path = Path(folder) / "footage" / SAMPLE.name if folder else None
    return (Carried(path, None),) if path and path.is_file() else ()


def _by_hand(answers: list[str]) -> str:
    lines = [
        "no place gave the sample recording; tried in this order:",
        *answers,
        f"by hand: bring {SAMPLE.name} ({SAMPLE.size_bytes:,} bytes, sha256 {SAMPLE.sha256}) to this machine,",
        f"then `sitewatch sample fetch --from FILE`, or copy it to {footage_dir() / SAMPLE.name};",
        "or replay a recording of your own: `sitewatch replay FILE`",
    ]
    return "\n  ".join(lines)
