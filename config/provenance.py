"""Where each effective value of the configuration came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from config.schema import Settings


@dataclass(frozen=True, slots=True)
class Origin:
    """Source of one value.

    Attributes:
        kind: ``default``, ``file``, ``environment`` or ``set`` (an override on the command line).
        place: what the operator would open or type to change it: ``site.yaml:3``, the name of a variable,
            ``--set``; empty for defaults.
    """

    kind: Literal["default", "file", "environment", "set"]
    place: str = ""

    def __str__(self) -> str:
        return self.place or self.kind


DEFAULT = Origin("default")


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The effective configuration, and the origin of every value in it.

    Attributes:
        settings: the validated configuration.
        origins: dotted key, such as ``detector.name`` or ``cameras.0.id``, to the origin of its value.
        path: the file that was read, if one was.
    """

    settings: Settings
    origins: Mapping[str, Origin]
    path: Path | None = None
