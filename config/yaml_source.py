"""YAML with the line of every key: plain data only, and no key twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from config.errors import ConfigError, InputNotFound

if TYPE_CHECKING:
    from pathlib import Path

KeyPath = tuple[str | int, ...]
"""Way from the top of the document to a value: ``("cameras", 0, "id")``."""

MAX_NODES = 100_000
"""Values in one file, aliases followed: stops a small file that unfolds without end."""

_NULL_TAG = "tag:yaml.org,2002:null"
_MERGE_TAG = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class YamlSource:
    """What a file says.

    Attributes:
        name: the file, as the operator named it.
        data: its top mapping.
        lines: 1-based line of each key or list element.
    """

    name: str
    data: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line(self, path: KeyPath) -> int | None:
        """Line of a value or, where the file does not hold it, of the closest mapping around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_yaml(path: Path) -> YamlSource:
    """Read a configuration file.

    Raises:
        InputNotFound: there is no such file.
        ConfigError: not a readable UTF-8 text, not YAML, a key twice, or no mapping at the top.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputNotFound(f"no configuration file {path}") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path}:{line}: byte 0x{raw[error.start]:02x} is not UTF-8; save it as UTF-8"
        ) from error
    if not text.strip():
        raise ConfigError(f"{path}: is empty; `sitewatch config show --format yaml` prints one to start from")
    return parse_yaml(text, str(path))


def parse_yaml(text: str, name: str) -> YamlSource:
    """Parse the text of a configuration file called ``name``; a file of comments only is an empty mapping.

    Raises:
        ConfigError: as for :func:`read_yaml`.
    """
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None or node.tag == _NULL_TAG:
            return YamlSource(name, {})
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError(
                f"{name}:1: expected sections such as `detector:` at the top, found a {_shape(node)}"
            )
        walk = _Walk(name)
        walk.mapping(node, ())
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_syntax_message(name, error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(
            f"{name}:{line}: character #x{error.character:04x} is not allowed in YAML"
        ) from error
    except (ValueError, AttributeError) as error:
        # A scalar that looks like a date and is none (2026-13-45), or is tagged as one: PyYAML lets these through.
        raise ConfigError(
            f"{name}: a value cannot be read: {error}; put it in quotes if it is text"
        ) from error
    return YamlSource(name, data, walk.lines)


def _shape(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "mapping"
    return "list" if isinstance(node, yaml.SequenceNode) else "single value"


def _syntax_message(name: str, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"{name}:{mark.line + 1}" if mark else name
    problem = error.problem or str(error)
    hint = "; indent with spaces, YAML refuses tabs" if "'\\t'" in problem else ""
    return f"{where}: not valid YAML: {problem}{hint}"


class _Walk:
    """Notes the line of every key and refuses what the constructor would silently accept."""

    def __init__(self, name: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._name = name
        self._nodes = 0
        self._open: set[int] = set()

    def mapping(self, node: yaml.MappingNode, path: KeyPath) -> None:
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag == _MERGE_TAG:
                self._merge(value, path)
                continue
            if not isinstance(key, yaml.ScalarNode):
                raise ConfigError(f"{self._name}:{line}: a key must be a word, found a {_shape(key)}")
            if key.value in seen:
                dotted = ".".join(str(part) for part in (*path, key.value))
                raise ConfigError(
                    f"{self._name}:{line}: {dotted} is already set on line {seen[key.value]}; keep one of the two"
                )
            seen[key.value] = line
            self.lines[(*path, key.value)] = line
            self._value(value, (*path, key.value))

    def _merge(self, value: yaml.Node, path: KeyPath) -> None:
        own = dict(self.lines)
        for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if isinstance(merged, yaml.MappingNode):
                self._value(merged, path)
        self.lines.update(own)

    def _value(self, node: yaml.Node, path: KeyPath) -> None:
        self._nodes += 1
        line = node.start_mark.line + 1
        if self._nodes > MAX_NODES:
            raise ConfigError(f"{self._name}:{line}: more than {MAX_NODES} values; is this a configuration?")
        if id(node) in self._open:
            raise ConfigError(f"{self._name}:{line}: an anchor that contains itself")
        self._open.add(id(node))
        if isinstance(node, yaml.MappingNode):
            self.mapping(node, path)
        elif isinstance(node, yaml.SequenceNode):
            for index, element in enumerate(node.value):
                self.lines[(*path, index)] = element.start_mark.line + 1
                self._value(element, (*path, index))
        self._open.discard(id(node))
