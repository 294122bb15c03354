"""What is wrong with a configuration, in the operator's words: where, what was found, what was expected."""

from __future__ import annotations

import difflib
from datetime import date
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, SecretStr

from config.masking import masked
from config.overrides import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

    from config.yaml_source import KeyPath

_FOUND_CHARACTERS = 60
"""A found value is quoted up to this length."""

_PLAIN = (bool, int, float, date)
"""What YAML makes of words that look like something else."""

_EXPECTED = {
    "model_type": "be a section: its keys with their values, indented below it",
    "path_type": "be a path",
    "string_type": "be text",
    "tuple_type": "be a list",
}
"""pydantic's words for these speak of Python."""


def complaint(error: ErrorDetails, schema: type[BaseModel], where: str) -> str:
    """One line about one error of validation; credentials in addresses are masked.

    Args:
        error: as pydantic reports it.
        schema: the model that was validated, to suggest its keys.
        where: what set the value: ``site.yaml:3``, the name of a variable, ``--set``.
    """
    path: KeyPath = error["loc"]
    return (
        masked(f"{where}: {dotted(path)}: ") + problem(error, schema) if path else f"{where}: {error['msg']}"
    )


def problem(error: ErrorDetails, schema: type[BaseModel]) -> str:
    """What was found and what was expected; as :func:`complaint`, without the place."""
    return masked(_problem(error, schema, error["loc"]))


def _problem(error: ErrorDetails, schema: type[BaseModel], path: KeyPath) -> str:
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(schema, path)
    if kind == "missing":
        return "is required and not set"
    found = _found(error["input"], schema, path)
    if kind == "string_pattern_mismatch":  # a pattern is for machines
        return f"found {found}, expected: {_description(schema, path)}"
    close = _closest(str(error["input"]), _literals(error)) if kind == "literal_error" else ""
    return f"found {found}, should {_expected(error)}{close}"


def _expected(error: ErrorDetails) -> str:
    if error["type"] == "string_type" and isinstance(error["input"], _PLAIN):
        return "be text: put it in quotes"
    if error["type"] == "too_short" and "actual_length" in error.get("ctx", {}):
        return "hold at least {min_length} elements, not {actual_length}".format(**error["ctx"])
    if error["type"] in _EXPECTED:
        return _EXPECTED[error["type"]]
    message = error["msg"].removeprefix("Value error, ")
    return message.removeprefix("Input should ").removeprefix("String should ")


def _unknown_key(schema: type[BaseModel], path: KeyPath) -> str:
    around = _model_at(schema, path[:-1])
    if around is None:
        return "unknown key"
    known = list(around.model_fields)
    close = _closest(str(path[-1]), known, prefix=dotted(path[:-1]))
    if close:
        return f"unknown key{close}"
    elsewhere = [key for key in _all_keys(schema) if key.rpartition(".")[2] == path[-1]]
    if elsewhere:
        return f"unknown key; did you mean {elsewhere[0]}?"
    return f"unknown key; known here: {', '.join(known)}"


def _closest(word: str, known: Iterable[str], prefix: str = "") -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if not close:
        return ""
    return f"; did you mean {prefix}.{close[0]}?" if prefix else f"; did you mean {close[0]}?"


def _literals(error: ErrorDetails) -> list[str]:
    return [part.strip("' ") for part in error["ctx"]["expected"].replace(" or ", ",").split(",")]


def _found(value: Any, schema: type[BaseModel], path: KeyPath) -> str:
    if _is_secret(schema, path):
        return "a secret (not shown)"
    if isinstance(value, dict):
        return "a section"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"{str(value).lower()} (YAML reads yes, no, on and off so; quote them if they are words)"
    text = masked(repr(value) if isinstance(value, str) else str(value))  # before credentials are cut in two
    return text if len(text) <= _FOUND_CHARACTERS else f"{text[:_FOUND_CHARACTERS]}…"


def _description(schema: type[BaseModel], path: KeyPath) -> str:
    around = _model_at(schema, path[:-1])
    field = around.model_fields.get(str(path[-1])) if around else None
    return ((field.description if field else None) or "").rstrip(".")


def _is_secret(schema: type[BaseModel], path: KeyPath) -> bool:
    around = _model_at(schema, path[:-1])
    field = around.model_fields.get(str(path[-1])) if around else None
    return field is not None and SecretStr in {field.annotation, *get_args(field.annotation)}


def _model_at(schema: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The section at a path; elements of a list count as the section they hold."""
    here: type[BaseModel] | None = schema
    for key in path:
        if isinstance(key, int) or here is None:
            continue
        field = here.model_fields.get(key)
        here = section_of(field.annotation) if field else None
    return here


def section_of(annotation: Any) -> type[BaseModel] | None:
    """The section that a field holds, be it alone, optional or in a tuple."""
    candidates = [annotation, *get_args(annotation)]
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)


def _all_keys(schema: type[BaseModel], prefix: str = "") -> list[str]:
    keys = []
    for name, field in schema.model_fields.items():
        keys.append(prefix + name)
        inner = section_of(field.annotation)
        if inner is not None:
            keys += _all_keys(inner, f"{prefix}{name}.")
    return keys
