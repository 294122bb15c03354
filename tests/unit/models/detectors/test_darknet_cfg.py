from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from config.errors import NetworkDefinitionError
from models.detectors.darknet_cfg import (
    Convolutional,
    MaxPool,
    Route,
    Shape,
    Yolo,
    parse_definition,
    read_definition,
)
from tests.darknet_files import SMALL_RELATIVE

_CFG = Path(str(files("models.detectors") / "cfg"))
_NET = "[net]\nheight=64\nwidth=96\n"
_HEAD = "[convolutional]\nfilters=6\nsize=1\nactivation=linear\n[yolo]\nanchors=10,14\nclasses=1\n"


@pytest.mark.parametrize(
    ("name", "layers", "heads"),
    [("yolov3-tiny", 24, (16, 23)), ("yolov3", 107, (82, 94, 106)), ("yolov3-spp", 114, (89, 101, 113))],
)
def test_own_descriptions(name: str, layers: int, heads: tuple[int, ...]) -> None:
    definition = read_definition(_CFG / f"{name}.cfg", 416, 544)
    assert len(definition.layers) == layers
    assert definition.heads == heads
    assert definition.shapes[heads[0]] == Shape(255, 13, 17)
    assert definition.shapes[heads[-1]] == Shape(255, 13 * 2 ** (len(heads) - 1), 17 * 2 ** (len(heads) - 1))


def test_second_head_of_tiny_uses_the_anchors_it_was_trained_with() -> None:
    definition = read_definition(_CFG / "yolov3-tiny.cfg")
    head = definition.layers[23]
    assert isinstance(head, Yolo)
    assert head.anchors_px == ((23, 27), (37, 58), (81, 82))


def test_small_relative() -> None:
    definition = parse_definition(SMALL_RELATIVE, "small.cfg")
    grouped = definition.layers[1]
    assert isinstance(grouped, Convolutional)
    assert (grouped.groups, grouped.in_channels, grouped.activation) == (8, 8, "swish")
    half = definition.layers[4]
    assert isinstance(half, Route)
    assert (half.groups, half.group_id) == (2, 1)
    assert definition.shapes[4] == Shape(8, 24, 32)
    pool = definition.layers[7]
    assert isinstance(pool, MaxPool)
    assert definition.shapes[7] == definition.shapes[6]


def test_comments_and_spaces_are_ignored() -> None:
    text = f"# a\n; b\n\n {_NET.replace('=', ' = ')}\n{_HEAD}  # c\n"
    assert parse_definition(text, "x.cfg").heads == (1,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.cfg: the network description is empty"),
        ("filters=3\n", r"x.cfg:1: expected \[section\] or option=value, found 'filters=3'"),
        ("[net]\nfilters\n", "x.cfg:2: expected"),
        (
            _NET + "[convolutional]\nsize=3\nsize=1\n",
            r"x.cfg:6: size is given twice in this \[convolutional\]",
        ),
        (_HEAD, r"x.cfg:1: expected \[net\] first, found \[convolutional\]"),
        ("[net]\nheight=64\n" + _HEAD, r"x.cfg:1: \[net\] width is missing"),
        (_NET + "channels=1\n" + _HEAD, "only 3"),
        (_NET + "[lstm]\n" + _HEAD, r"x.cfg:4: \[lstm\] unknown layer"),
        (_NET + "[convolutional]\nfilters=two\n", r"x.cfg:4: \[convolutional\] filters=two is not a number"),
        (_NET + "[convolutional]\nfilters=0\n", "filters=0 must be at least 1"),
        (_NET + "[convolutional]\nactivation=elu\n", "unknown activation=elu; known: linear, leaky"),
        (_NET + "[convolutional]\nactivation=linear\ndilation=2\n", "unknown option dilation"),
        (_NET + "[convolutional]\nactivation=linear\ngroups=2\n", "groups=2 must divide the 3 channels"),
        (_NET + "[convolutional]\nactivation=linear\nsize=99\n", "nothing is left of an input of 64x96"),
        (_NET + "[maxpool]\n" + _HEAD, r"the first layer must be \[convolutional\]"),
        (_NET + "[convolutional]\nactivation=linear\n", r"no \[yolo\] layer"),
        (_NET + _HEAD + "[route]\nlayers=-9\n", "layer -9 as seen from layer 2 does not exist"),
        (_NET + _HEAD + "[route]\n", "layers is missing"),
        (_NET + _HEAD + "[route]\nlayers=0\ngroups=4\n", "group_id=0 of groups=4 does not fit"),
        (_NET + _HEAD + "[maxpool]\nstride=2\n[route]\nlayers=0,2\n", "joins layers of different sizes"),
        (_NET + _HEAD + "[maxpool]\nstride=2\n[shortcut]\nfrom=0\n", "adds layers of different shapes"),
        (_NET + _HEAD.replace("10,14", "10"), "anchors must be pairs"),
        (_NET + _HEAD.replace("10,14", "10,-14"), "anchors must be pairs"),
        (_NET + _HEAD + "mask=1\n", r"mask=\[1\] points outside the 1 anchors"),
        (_NET + _HEAD + "num=3\n", "num=3 differs from the 1 anchors"),
        (_NET + _HEAD + "new_coords=1\n", "new_coords=1 is not supported"),
        (_NET + _HEAD.replace("classes=1", "classes=2"), "need 7 channels before it, there are 6"),
        (
            _NET + _HEAD + "[convolutional]\nfilters=7\nactivation=linear\n[yolo]\nanchors=1,1\nclasses=2\n",
            "disagree",
        ),
    ],
)
def test_errors_name_file_line_and_layer(text: str, message: str) -> None:
    with pytest.raises(NetworkDefinitionError, match=message):
        parse_definition(text, "x.cfg")


def test_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(NetworkDefinitionError, match="cannot be read"):
        read_definition(tmp_path / "missing.cfg")
    binary = tmp_path / "binary.cfg"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NetworkDefinitionError, match="cannot be read"):
        read_definition(binary)
