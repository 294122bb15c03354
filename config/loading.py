"""From a YAML file, the environment and the command line to frozen settings."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from config.complaints import complaint
from config.errors import ConfigError
from config.overrides import Override, apply, dotted, from_command_line, from_environment
from config.provenance import DEFAULT, LoadedSettings, Origin
from config.schema import Settings
from config.yaml_source import YamlSource, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from config.yaml_source import KeyPath


def load_settings(
    path: Path | None = None, overrides: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> LoadedSettings:
    """The effective configuration: defaults, then the file, then the environment, then ``overrides``.

    Args:
        path: YAML file; defaults only when absent.
        overrides: ``KEY=VALUE`` each, as ``--set`` takes them.
        environment: variables to look for ``SITEWATCH__SECTION__KEY`` in; the process's own when absent.

    Raises:
        InputNotFound: there is no such file.
        ConfigError: what is wrong, one line for each error, with file, line, key and a suggestion.
    """
    source = read_yaml(path) if path is not None else YamlSource("configuration", {})
    given = [
        *from_environment(os.environ if environment is None else environment),
        *from_command_line(overrides),
    ]
    data = copy.deepcopy(source.data)
    for override in given:
        apply(data, override)
    overridden = {override.path: override.origin for override in given}
    return LoadedSettings(
        settings := _validated(data, source, overridden), _origins(settings, source, given), path
    )


def _validated(data: dict[str, Any], source: YamlSource, overridden: Mapping[KeyPath, Origin]) -> Settings:
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        lines = []
        for detail in error.errors(include_url=False):
            origin = _override_at(detail["loc"], source, overridden)
            line = 0 if origin else source.line(detail["loc"]) or 0
            place = f"{source.name}:{line}" if line else source.name
            lines.append((line, complaint(detail, Settings, str(origin or place))))
        headline = [f"{len(lines)} errors in the configuration:"] if len(lines) > 1 else []
        raise ConfigError("\n".join([*headline, *(text for _, text in sorted(lines))])) from None


def _override_at(path: KeyPath, source: YamlSource, overridden: Mapping[KeyPath, Origin]) -> Origin | None:
    """The override that set a value, or one below it that made a section which the file does not have."""
    for other, origin in overridden.items():
        if path[: len(other)] == other or (other[: len(path)] == path and path not in source.lines):
            return origin
    return None


def _origins(settings: Settings, source: YamlSource, given: Sequence[Override]) -> dict[str, Origin]:
    origins = {}
    for path in leaves(settings):
        line = source.lines.get(path) or _line_of_list(source, path)
        origins[dotted(path)] = Origin("file", f"{source.name}:{line}") if line else DEFAULT
    for override in given:
        prefix = dotted(override.path)
        for key in origins:
            if key == prefix or key.startswith(f"{prefix}."):
                origins[key] = override.origin
    return origins


def _line_of_list(source: YamlSource, path: KeyPath) -> int | None:
    """A value that stands in a list without a key of its own, as in ``[1, 2]``."""
    return source.lines.get(path[:-1]) if path and isinstance(path[-1], int) else None


def leaves(model: BaseModel, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Paths of all values below a section; an empty list of sections is a value itself."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from leaves(value, (*path, name))
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            for index, element in enumerate(value):
                yield from leaves(element, (*path, name, index))
        else:
            yield (*path, name)
