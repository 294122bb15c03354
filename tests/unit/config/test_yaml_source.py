"""YAML files: lines, duplicates, and everything that is no mapping of plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config import yaml_source
from config.errors import ConfigError, InputNotFound
from config.yaml_source import parse_yaml, read_yaml

if TYPE_CHECKING:
    from pathlib import Path


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        parse_yaml(text, "site.yaml")
    return str(error.value)


def test_knows_the_line_of_every_key_and_element() -> None:
    source = parse_yaml(
        "# a site\ncameras:\n  - id: a\n    source: x\n  - {id: b,\n     source: y}\n", "site.yaml"
    )
    assert source.data == {"cameras": [{"id": "a", "source": "x"}, {"id": "b", "source": "y"}]}
    assert source.lines[("cameras",)] == 2
    assert source.lines[("cameras", 0, "source")] == 4
    assert source.lines[("cameras", 1)] == 5
    assert source.lines[("cameras", 1, "source")] == 6
    assert source.line(("cameras", 1, "recorded_at")) == 5
    assert source.line(("tracker",)) is None


@pytest.mark.parametrize("text", ["# only a comment\n", "---\n", "{}"])
def test_a_file_without_values_is_an_empty_mapping(text: str) -> None:
    assert parse_yaml(text, "site.yaml").data == {}


def test_a_key_twice_names_both_lines() -> None:
    text = "detector:\n  name: a\n  device: cpu\n  name: b\n"
    assert complaint(text) == "site.yaml:4: detector.name is already set on line 2; keep one of the two"


def test_a_list_or_value_at_the_top_is_refused() -> None:
    assert complaint("- a\n- b\n").startswith(
        "site.yaml:1: expected sections such as `detector:` at the top, found a list"
    )
    assert complaint("just words\n").endswith("found a single value")


def test_tabs_are_explained() -> None:
    assert "site.yaml:2: not valid YAML" in complaint("detector:\n\tname: a\n")
    assert "indent with spaces" in complaint("detector:\n\tname: a\n")


@pytest.mark.parametrize(
    "text",
    [
        "a: [1, 2\nb: 3\n",
        "a: 'open\n",
        "a: b: c\n",
        "a: *unknown\n",
        "a: !!python/object/apply:os.system ['true']\n",
        "a: 1\n---\nb: 2\n",
        "? [x, y]\n: 1\n",
        "a: &loop [*loop]\n",
        "a: \x07\n",
        "a: 2026-13-45\n",
        "a: !!timestamp soon\n",
    ],
)
def test_what_is_not_plain_yaml_is_one_line_with_a_place(text: str) -> None:
    message = complaint(text)
    assert message.startswith("site.yaml")
    assert "\n" not in message


def test_anchors_and_merges_are_fine() -> None:
    text = "base: &base {name: a, device: cpu}\ndetector:\n  <<: *base\n  name: b\n"
    source = parse_yaml(text, "site.yaml")
    assert source.data["detector"] == {"name": "b", "device": "cpu"}
    assert source.lines[("detector", "name")] == 4
    assert source.lines[("detector", "device")] == 1


def test_a_small_file_that_unfolds_without_end_is_refused() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert f"more than {yaml_source.MAX_NODES} values" in complaint("\n".join(levels))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match=r"no configuration file .*absent\.yaml"):
        read_yaml(tmp_path / "absent.yaml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_yaml(tmp_path)
    path = tmp_path / "site.yaml"
    path.write_bytes(b"# caf\xe9\n")
    with pytest.raises(ConfigError, match=r"site\.yaml:1: byte 0xe9 is not UTF-8"):
        read_yaml(path)
    path.write_bytes(b" \n\n")
    with pytest.raises(ConfigError, match="is empty"):
        read_yaml(path)
    path.write_bytes("\ufeffdetector: {name: ä}\r\n".encode())
    assert read_yaml(path).data == {"detector": {"name": "ä"}}
