"""The error tree: every status distinct, and written down where the operator looks."""

from __future__ import annotations

import re
from pathlib import Path

import config.errors
from config.errors import SitewatchError

DOCUMENT = Path(config.errors.__file__).parents[1] / "docs" / "exit-statuses.md"
_RESERVED = {0, 2}
"""Success, and click's own status for a wrong command line."""


def tree(root: type[SitewatchError] = SitewatchError) -> list[type[SitewatchError]]:
    """The errors of this package; packages that add their own would be listed here too."""
    return [root, *(error for child in root.__subclasses__() for error in tree(child))]


OWN_STATUS = {error.__name__: error.exit_status for error in tree() if "exit_status" in vars(error)}


def test_every_status_is_distinct_and_free() -> None:
    statuses = list(OWN_STATUS.values())
    assert len(set(statuses)) == len(statuses)
    assert not _RESERVED & set(statuses)
    assert all(0 < status < 256 for status in statuses)


def test_every_concrete_error_has_a_status_of_its_own() -> None:
    for error in tree():
        if not error.__subclasses__():
            assert "exit_status" in vars(error), f"{error.__name__} needs an exit status"


def test_the_document_lists_exactly_these() -> None:
    rows = re.findall(
        r"^\| (\d+) \| `(\w+)` \| (.+) \|$", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert {name: int(status) for status, name, _ in rows} == OWN_STATUS


def test_the_drawing_shows_exactly_these() -> None:
    drawing = config.errors.__doc__ or ""
    drawn = dict(re.findall(r"(\w+) +(\d+)\b", drawing))
    assert {name: int(status) for name, status in drawn.items()} == OWN_STATUS
    for error in tree():
        assert error.__name__ in drawing
        assert error.__doc__
