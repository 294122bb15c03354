"""Detectors by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from config.errors import UnknownNetwork

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.sections.detector import DetectorSettings
    from models.base import Detector

    Builder = Callable[[DetectorSettings, Path | None], Detector]


@dataclass(slots=True)
class Registry:
    """Names of networks, each with what builds its detector from settings and, where given, a weights file."""

    _builders: dict[str, Builder] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order of their registration."""
        return tuple(self._builders)

    def register(self, name: str, builder: Builder) -> None:
        """Add a network.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._builders:
            raise ValueError(f"a network called {name!r} is registered already")
        self._builders[name] = builder

    def build(self, settings: DetectorSettings, weights: Path | None = None) -> Detector:
        """The detector that ``settings.name`` names.

        Raises:
            UnknownNetwork: no such name; the message says which come close.
        """
        self.require(settings.name)
        return self._builders[settings.name](settings, weights)

    def require(self, name: str) -> None:
        """Refuse a name that is not registered.

        Raises:
            UnknownNetwork: no such name; the message says which come close.
        """
        if name not in self._builders:
            close = get_close_matches(name, self._builders, n=3, cutoff=0.4) or self.names
            raise UnknownNetwork(f"no detector called {name!r}; there is {', '.join(close)}")


DETECTORS = Registry()
"""The detectors that Sitewatch knows."""


def build_detector(settings: DetectorSettings, weights: Path | None = None) -> Detector:
    """The configured detector, ready to run.

    Args:
        settings: which network, thresholds, input size, device.
        weights: file to load; ``settings.weights_file`` when absent, else the catalogue's, fetched if need be.

    Raises:
        UnknownNetwork: no such network.
        ConfigError: an input size that the network cannot take, or a file that it needs is not set.
        WeightsError: the weights cannot be had, or do not fit the network.
        DeviceError: the device, runtime or precision is not available here.
    """
    return DETECTORS.build(settings, weights or settings.weights_file)


def _later(module: str) -> Builder:
    """The function ``build`` of a module that is imported only when it is called."""

    def build(settings: DetectorSettings, weights: Path | None) -> Detector:
        builder: Builder = import_module(module).build
        return builder(settings, weights)

    return build


for _name in ("yolov3-tiny", "yolov3", "yolov3-spp", "darknet"):
    DETECTORS.register(_name, _later("models.detectors.yolov3"))
for _name in (
    "retinanet-r50",
    "retinanet-r50-v2",
    "fasterrcnn-r50",
    "fasterrcnn-r50-v2",
    "fasterrcnn-mobilenet-320",
    "ssd300-vgg16",
    "ssdlite320",
):
    DETECTORS.register(_name, _later("models.detectors.torchvision_detector"))
DETECTORS.register("stub", _later("models.detectors.stub"))
