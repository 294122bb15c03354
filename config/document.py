"""The documented configuration: every knob with its default and one line of explanation.

``python -m config.document > config/default.yaml`` writes the file again after a section has changed.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel

from config.complaints import section_of
from config.loading import leaves
from config.masking import masked
from config.overrides import dotted
from config.schema import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic.fields import FieldInfo

_HEADER = """\
# Sitewatch: every setting with its default.
# A site's own file holds only what differs. `sitewatch check-config FILE` checks it,
# `sitewatch config show --config FILE` shows the effective values and where each comes from.
# What a file should not hold comes from the environment: SITEWATCH__STORAGE__URL sets storage.url.
"""


def default_document() -> str:
    """The text of ``config/default.yaml``.

    Raises:
        ValueError: a setting has no description.
    """
    return _HEADER + "".join(_section_lines(Settings(), "", commented=False))


def effective_document(settings: Settings, remark: Callable[[str], str]) -> str:
    """Settings as YAML, secrets masked.

    Args:
        settings: what to print.
        remark: a comment for a dotted key, put behind its value; empty for none.
    """
    return "".join(_value_lines(settings.model_dump(mode="json"), "", "", remark))


def effective_values(settings: Settings) -> dict[str, str]:
    """Every effective value as YAML, by dotted key; secrets masked."""
    plain = settings.model_dump(mode="json")
    values = {}
    for path in leaves(settings):
        value: Any = plain
        for key in path:
            value = value[key]
        values[dotted(path)] = _scalar(value)
    return values


def _section_lines(section: BaseModel, indent: str, *, commented: bool) -> Iterator[str]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield f"\n{indent}# {_described(type(section), name, field)}\n{indent}{name}:\n"
            yield from _section_lines(value, indent + "  ", commented=commented)
        elif value == () and (element := section_of(field.annotation)):
            yield f"\n{indent}# {_described(type(section), name, field)}\n{indent}{name}: []\n"
            yield from _example_lines(name, element, indent)
        else:
            yield f"{indent}# {_described(type(section), name, field)}\n"
            yield f"{indent}{name}: {_scalar(section.model_dump(mode='json')[name])}\n"


def _example_lines(name: str, element: type[BaseModel], indent: str) -> Iterator[str]:
    """An element of a list that is empty by default, all commented out."""
    yield f"{indent}# {name}:\n"
    for position, (key, field) in enumerate(element.model_fields.items()):
        bullet = "-" if position == 0 else " "
        example = "..." if field.is_required() else _scalar(field.get_default())
        yield f"{indent}#   {bullet} {key}: {example}  # {_described(element, key, field)}\n"


def _value_lines(
    value: dict[str, Any], indent: str, prefix: str, remark: Callable[[str], str]
) -> Iterator[str]:
    for name, inner in value.items():
        key = f"{prefix}{name}"
        if isinstance(inner, dict) and inner:
            yield f"{indent}{name}:\n"
            yield from _value_lines(inner, indent + "  ", f"{key}.", remark)
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield f"{indent}{name}:\n"
            for index, element in enumerate(inner):
                first, *rest = _value_lines(element, indent + "    ", f"{key}.{index}.", remark)
                yield f"{indent}  - {first.lstrip()}"
                yield from rest
        else:
            comment = remark(key)
            yield f"{indent}{name}: {_scalar(inner)}{f'  # {comment}' if comment else ''}\n"


def _described(section: type[BaseModel], name: str, field: FieldInfo) -> str:
    if not field.description:
        raise ValueError(
            f"{section.__name__}.{name} has no docstring: every setting needs one line of explanation"
        )
    return " ".join(field.description.split())


def _scalar(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=sys.maxsize, allow_unicode=True)
    return masked(text.removesuffix("...\n").strip())


if __name__ == "__main__":
    sys.stdout.write(default_document())
