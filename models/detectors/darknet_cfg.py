"""The Darknet network description (``.cfg``): from text to typed layers, with shapes checked.

Reference:
    Redmon, J. Darknet: Open Source Neural Networks in C, 2013-2016; layer arithmetic as in Darknet's ``parser.c``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import NetworkDefinitionError
from models.detectors.darknet_options import Options, Section, read_sections

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

ACTIVATIONS = ("linear", "leaky", "relu", "logistic", "mish", "swish")


@dataclass(frozen=True, slots=True)
class Convolutional:
    """Convolution, batch normalisation where asked for, activation. Sizes in cells of its input."""

    line: int
    in_channels: int
    filters: int
    size: int
    stride: int
    padding: int
    groups: int
    batch_normalize: bool
    activation: str


@dataclass(frozen=True, slots=True)
class MaxPool:
    """Maximum over windows; Darknet pads by ``padding`` in all, the smaller half of it before the first cell."""

    line: int
    size: int
    stride: int
    padding: int


@dataclass(frozen=True, slots=True)
class Route:
    """Channels of earlier layers, one after the other; only slice ``group_id`` of ``groups`` of each."""

    line: int
    sources: tuple[int, ...]
    groups: int
    group_id: int


@dataclass(frozen=True, slots=True)
class Shortcut:
    """The layer before plus an earlier layer."""

    line: int
    source: int
    activation: str


@dataclass(frozen=True, slots=True)
class Upsample:
    """Nearest-neighbour enlargement by a whole factor."""

    line: int
    stride: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Dropout: nothing, outside of training."""

    line: int


@dataclass(frozen=True, slots=True)
class Yolo:
    """One detection head.

    Attributes:
        anchors_px: (width, height) of each anchor box of this head, in pixels of the network's input.
        scale_x_y: how far a centre may leave its cell: 1 is not at all.
    """

    line: int
    anchors_px: tuple[tuple[float, float], ...]
    classes: int
    scale_x_y: float


Layer = Convolutional | MaxPool | Route | Shortcut | Upsample | Identity | Yolo


@dataclass(frozen=True, slots=True)
class Shape:
    """Channels, height and width of what a layer gives."""

    channels: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class NetworkDefinition:
    """A checked description: every layer fits those it reads.

    Attributes:
        height: of the input, pixels.
        width: of the input, pixels.
        layers: in order; sources are indices into it.
        shapes: of each layer's output.
    """

    height: int
    width: int
    layers: tuple[Layer, ...]
    shapes: tuple[Shape, ...]

    @property
    def heads(self) -> tuple[int, ...]:
        """Indices of the detection heads."""
        return tuple(index for index, layer in enumerate(self.layers) if isinstance(layer, Yolo))


def read_definition(path: Path, height: int | None = None, width: int | None = None) -> NetworkDefinition:
    """Parse a ``.cfg`` file for an input of the given size, or of the size it states itself.

    Raises:
        NetworkDefinitionError: unreadable, an unknown layer, or layers that do not fit; with file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NetworkDefinitionError(f"{path}: cannot be read as a network description: {error}") from error
    return parse_definition(text, str(path), height, width)


def parse_definition(
    text: str, origin: str, height: int | None = None, width: int | None = None
) -> NetworkDefinition:
    """As :func:`read_definition`, from text; ``origin`` names it in errors."""
    net, *sections = read_sections(text, origin)
    if net.kind not in {"net", "network"}:
        raise NetworkDefinitionError(f"{origin}:{net.line}: expected [net] first, found [{net.kind}]")
    channels = net.options.integer("channels", 3)
    if channels != 3:
        raise NetworkDefinitionError(
            f"{origin}:{net.line}: channels={channels}; only 3 (colour) is supported"
        )
    height = height or net.options.integer("height")
    width = width or net.options.integer("width")
    layers: list[Layer] = []
    shapes: list[Shape] = []
    image = Shape(3, height, width)
    for section in sections:
        build = _BUILDERS.get(section.kind)
        if build is None:
            known = ", ".join(_BUILDERS)
            raise section.error(f"unknown layer [{section.kind}]; known: {known}")
        layer, shape = build(section, shapes or [image], len(layers))
        if min(shape.height, shape.width, shape.channels) < 1:
            raise section.error(f"nothing is left of an input of {height}x{width} here")
        section.options.refuse_unread(_TRAINING_ONLY)
        layers.append(layer)
        shapes.append(shape)
    _check_ends(layers, origin)
    return NetworkDefinition(height, width, tuple(layers), tuple(shapes))


def _check_ends(layers: Sequence[Layer], origin: str) -> None:
    if not layers or not isinstance(layers[0], Convolutional):
        raise NetworkDefinitionError(f"{origin}: the first layer must be [convolutional]")
    heads = [index for index, layer in enumerate(layers) if isinstance(layer, Yolo)]
    if not heads:
        raise NetworkDefinitionError(f"{origin}: no [yolo] layer: this network detects nothing")
    classes = {layer.classes for layer in layers if isinstance(layer, Yolo)}
    if len(classes) > 1:
        raise NetworkDefinitionError(f"{origin}: [yolo] layers disagree about classes: {sorted(classes)}")


def _activation(options: Options) -> str:
    name = options.text("activation", "linear" if options.section.kind == "shortcut" else "logistic")
    if name not in ACTIVATIONS:
        raise options.section.error(f"unknown activation={name}; known: {', '.join(ACTIVATIONS)}")
    return name


def _convolutional(section: Section, shapes: Sequence[Shape], _: int) -> tuple[Layer, Shape]:
    options, before = section.options, shapes[-1]
    size = options.positive("size", 1)
    stride = options.positive("stride", 1)
    padding = options.integer("padding", 0)
    layer = Convolutional(
        line=section.line,
        in_channels=before.channels,
        filters=options.positive("filters", 1),
        size=size,
        stride=stride,
        padding=size // 2 if options.integer("pad", 0) else padding,
        groups=options.positive("groups", 1),
        batch_normalize=bool(options.integer("batch_normalize", 0)),
        activation=_activation(options),
    )
    if before.channels % layer.groups or layer.filters % layer.groups:
        raise section.error(
            f"groups={layer.groups} must divide the {before.channels} channels before it and filters={layer.filters}"
        )
    return layer, Shape(
        layer.filters,
        (before.height + 2 * layer.padding - size) // stride + 1,
        (before.width + 2 * layer.padding - size) // stride + 1,
    )


def _maxpool(section: Section, shapes: Sequence[Shape], _: int) -> tuple[Layer, Shape]:
    options, before = section.options, shapes[-1]
    stride = options.positive("stride", 1)
    size = options.positive("size", stride)
    padding = options.integer("padding", size - 1)
    return MaxPool(section.line, size, stride, padding), Shape(
        before.channels,
        (before.height + padding - size) // stride + 1,
        (before.width + padding - size) // stride + 1,
    )


def _source(section: Section, value: int, index: int) -> int:
    source = index + value if value < 0 else value
    if not 0 <= source < index:
        raise section.error(f"layer {value} as seen from layer {index} does not exist before it")
    return source


def _route(section: Section, shapes: Sequence[Shape], index: int) -> tuple[Layer, Shape]:
    options = section.options
    sources = tuple(_source(section, value, index) for value in options.integers("layers"))
    groups = options.positive("groups", 1)
    group_id = options.integer("group_id", 0)
    read = [shapes[source] for source in sources]
    if len({(shape.height, shape.width) for shape in read}) > 1:
        raise section.error(f"joins layers of different sizes: {[(s.height, s.width) for s in read]}")
    if not 0 <= group_id < groups or any(shape.channels % groups for shape in read):
        raise section.error(f"group_id={group_id} of groups={groups} does not fit its layers")
    channels = sum(shape.channels // groups for shape in read)
    return Route(section.line, sources, groups, group_id), Shape(channels, read[0].height, read[0].width)


def _shortcut(section: Section, shapes: Sequence[Shape], index: int) -> tuple[Layer, Shape]:
    source = _source(section, section.options.integer("from"), index)
    if shapes[source] != shapes[-1]:
        raise section.error(f"adds layers of different shapes: {shapes[source]} and {shapes[-1]}")
    return Shortcut(section.line, source, _activation(section.options)), shapes[-1]


def _upsample(section: Section, shapes: Sequence[Shape], _: int) -> tuple[Layer, Shape]:
    stride, before = section.options.positive("stride", 2), shapes[-1]
    return Upsample(section.line, stride), Shape(
        before.channels, before.height * stride, before.width * stride
    )


def _dropout(section: Section, shapes: Sequence[Shape], _: int) -> tuple[Layer, Shape]:
    return Identity(section.line), shapes[-1]


def _yolo(section: Section, shapes: Sequence[Shape], _: int) -> tuple[Layer, Shape]:
    options, before = section.options, shapes[-1]
    numbers = options.reals("anchors")
    if len(numbers) % 2 or min(numbers) <= 0:
        raise section.error("anchors must be pairs of positive numbers: width, height, width, height, ...")
    if options.positive("num", len(numbers) // 2) != len(numbers) // 2:
        raise section.error(f"num={options.integer('num')} differs from the {len(numbers) // 2} anchors")
    anchors = list(zip(numbers[::2], numbers[1::2], strict=True))
    mask = options.integers("mask") if "mask" in options else list(range(len(anchors)))
    if any(not 0 <= choice < len(anchors) for choice in mask):
        raise section.error(f"mask={mask} points outside the {len(anchors)} anchors")
    if options.integer("new_coords", 0):
        raise section.error("new_coords=1 is not supported")
    layer = Yolo(
        line=section.line,
        anchors_px=tuple(anchors[choice] for choice in mask),
        classes=options.positive("classes", 20),
        scale_x_y=options.real("scale_x_y", 1.0),
    )
    expected = len(mask) * (5 + layer.classes)
    if before.channels != expected:
        raise section.error(
            f"{len(mask)} anchors and {layer.classes} classes need {expected} channels before it, "
            f"there are {before.channels}"
        )
    return layer, before


_BUILDERS: dict[str, Callable[[Section, Sequence[Shape], int], tuple[Layer, Shape]]] = {
    "convolutional": _convolutional,
    "maxpool": _maxpool,
    "route": _route,
    "shortcut": _shortcut,
    "upsample": _upsample,
    "dropout": _dropout,
    "yolo": _yolo,
}

_TRAINING_ONLY = frozenset(
    {"jitter", "ignore_thresh", "truth_thresh", "random", "resize", "iou_normalizer", "cls_normalizer"}
    | {"obj_normalizer", "iou_thresh", "iou_loss", "nms_kind", "beta_nms", "max_delta", "probability"}
    | {"dropblock", "label_smooth_eps", "counters_per_class", "focal_loss", "stopbackward"}
)
"""Options that change training only."""
