"""Values that do not come from the file: environment variables and ``--set KEY=VALUE``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from config.errors import ConfigError
from config.masking import masked
from config.provenance import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from config.yaml_source import KeyPath

ENVIRONMENT_PREFIX = "SITEWATCH__"
"""``SITEWATCH__STORAGE__URL`` sets ``storage.url``: a secret need not stand in a file."""


@dataclass(frozen=True, slots=True)
class Override:
    """One value that replaces the file's."""

    path: KeyPath
    value: Any
    origin: Origin


def from_environment(environment: Mapping[str, str]) -> Iterator[Override]:
    """Overrides that the environment holds, in the order of their names."""
    for variable in sorted(environment):
        if variable.startswith(ENVIRONMENT_PREFIX):
            keys = variable.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
            yield Override(
                _path(keys, variable),
                _scalar(environment[variable], variable),
                Origin("environment", variable),
            )


def from_command_line(assignments: Sequence[str]) -> Iterator[Override]:
    """Overrides given as ``detector.name=ssd300-vgg16``; the value is read as YAML.

    Raises:
        ConfigError: no ``=``, an empty key, or a value that is not YAML.
    """
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            given = masked(assignment)
            raise ConfigError(f"--set {given}: expected KEY=VALUE, such as detector.name=yolov3-tiny")
        where = masked(f"--set {key}")
        yield Override(_path(key.strip().split("."), where), _scalar(text, where), Origin("set", "--set"))


def apply(data: dict[str, Any], override: Override) -> None:
    """Write an override into the plain data of the configuration.

    Raises:
        ConfigError: the way to the value leads through something that has no keys.
    """
    here: Any = data
    for depth, key in enumerate(override.path):
        last = depth == len(override.path) - 1
        if isinstance(here, dict):
            if not last and here.get(key) is None:
                here[key] = {}
        elif not isinstance(here, list) or not isinstance(key, int) or key >= len(here):
            known = ".".join(map(str, override.path[:depth]))
            raise ConfigError(
                f"{override.origin}: {known} has no element {key}, so {dotted(override.path)} cannot be set"
            )
        if last:
            here[key] = override.value
        else:
            here = here[key]


def dotted(path: KeyPath) -> str:
    """The way to a value as the operator writes it: ``cameras.0.id``."""
    return ".".join(map(str, path))


def _path(keys: Sequence[str], where: str) -> KeyPath:
    if not all(keys):
        raise ConfigError(f"{where}: expected a key such as detector.name")
    return tuple(int(key) if key.isdecimal() else key for key in keys)


def _scalar(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(
            f"{where}: the value is not valid YAML; put text with special characters in quotes"
        ) from error
