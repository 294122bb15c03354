"""Values survive the way from the command line, and line numbers survive any layout."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.loading import load_settings
from config.overrides import from_command_line
from config.yaml_source import KeyPath, parse_yaml

KEYS = st.text("abcxyz_", min_size=1, max_size=6)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)


@given(value=SCALARS)
def test_a_value_on_the_command_line_is_read_as_yaml(value: Any) -> None:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("...\n")
    (override,) = from_command_line([f"detector.name={text}"])
    assert override.path == ("detector", "name")
    assert override.value == value


@given(batch=st.integers(1, 64), score=st.floats(0, 1))
def test_numbers_arrive_exactly(batch: int, score: float) -> None:
    loaded = load_settings(None, [f"detector.batch_size={batch}", f"detector.score_threshold={score!r}"], {})
    assert loaded.settings.detector.batch_size == batch
    assert loaded.settings.detector.score_threshold == score


@given(data=st.dictionaries(KEYS, TREES, min_size=1, max_size=4), flow=st.booleans(), gap=st.integers(0, 3))
def test_every_value_has_its_line(data: dict[str, Any], flow: bool, gap: int) -> None:
    text = "\n" * gap + yaml.safe_dump(data, default_flow_style=flow)
    source = parse_yaml(text, "site.yaml")
    assert source.data == data
    lines = text.splitlines()
    for path in paths(data):
        line = source.lines[path]
        assert gap < line <= len(lines)
        if not flow and isinstance(path[-1], str):
            assert f"{path[-1]}:" in lines[line - 1] or f"'{path[-1]}'" in lines[line - 1]


def paths(value: Any, path: KeyPath = ()) -> list[KeyPath]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in items for found in ((*path, key), *paths(inner, (*path, key)))]
