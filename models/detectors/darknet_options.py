"""Sections and options of a Darknet ``.cfg``: an INI file whose sections repeat, kept with their line numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from config.errors import NetworkDefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable

_Number = TypeVar("_Number", int, float)


@dataclass(slots=True)
class Section:
    """``[kind]`` and what follows it, until the next one."""

    kind: str
    line: int
    origin: str
    values: dict[str, str] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    @property
    def options(self) -> Options:
        """Typed access to the values."""
        return Options(self)

    def error(self, what: str) -> NetworkDefinitionError:
        """The error that says ``what`` is wrong with this section, and where it is."""
        return NetworkDefinitionError(f"{self.origin}:{self.line}: [{self.kind}] {what}")


@dataclass(frozen=True, slots=True)
class Options:
    """The values of a section, read as what they should be.

    Raises:
        NetworkDefinitionError: a value is missing or not of its kind.
    """

    section: Section

    def __contains__(self, key: str) -> bool:
        return key in self.section.values

    def text(self, key: str, default: str) -> str:
        """A word."""
        self.section.read.add(key)
        return self.section.values.get(key, default)

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        return self._number(key, int, default)

    def positive(self, key: str, default: int | None = None) -> int:
        """A whole number of at least 1."""
        value = self.integer(key, default)
        if value < 1:
            raise self.section.error(f"{key}={value} must be at least 1")
        return value

    def real(self, key: str, default: float | None = None) -> float:
        """A number."""
        return self._number(key, float, default)

    def integers(self, key: str) -> list[int]:
        """Whole numbers, separated by commas."""
        return self._numbers(key, int)

    def reals(self, key: str) -> list[float]:
        """Numbers, separated by commas."""
        return self._numbers(key, float)

    def refuse_unread(self, ignored: frozenset[str]) -> None:
        """Refuse options that nothing has asked for: a network must not differ from its description in silence."""
        unknown = self.section.values.keys() - self.section.read - ignored
        if unknown:
            raise self.section.error(f"unknown option {', '.join(sorted(unknown))}")

    def _number(self, key: str, kind: Callable[[str], _Number], default: _Number | None) -> _Number:
        self.section.read.add(key)
        raw = self.section.values.get(key)
        if raw is None:
            if default is None:
                raise self.section.error(f"{key} is missing")
            return default
        return self._parse(key, raw, kind)

    def _numbers(self, key: str, kind: Callable[[str], _Number]) -> list[_Number]:
        self.section.read.add(key)
        raw = self.section.values.get(key, "")
        values = [self._parse(key, part, kind) for part in raw.split(",") if part.strip()]
        if not values:
            raise self.section.error(f"{key} is missing")
        return values

    def _parse(self, key: str, raw: str, kind: Callable[[str], _Number]) -> _Number:
        try:
            return kind(raw.strip())
        except ValueError as error:
            raise self.section.error(f"{key}={raw} is not a number") from error


def read_sections(text: str, origin: str) -> list[Section]:
    """Split a description into its sections, the network's own first.

    Raises:
        NetworkDefinitionError: empty, a line that is neither a section, an option nor a comment, or an option given
            twice in a section: Darknet would take the first, other readers the last.
    """
    sections: list[Section] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.split("#")[0].split(";")[0].strip()
        if not line:
            continue
        if line.startswith("[") and line.endswith("]"):
            sections.append(Section(line[1:-1].strip().lower(), number, origin))
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        if not sections or not equals or not key:
            raise NetworkDefinitionError(
                f"{origin}:{number}: expected [section] or option=value, found {line!r}"
            )
        if key in sections[-1].values:
            raise NetworkDefinitionError(
                f"{origin}:{number}: {key} is given twice in this [{sections[-1].kind}]"
            )
        sections[-1].values[key] = value
    if not sections:
        raise NetworkDefinitionError(f"{origin}: the network description is empty")
    return sections
