"""The catalogue: every network whose weights can be fetched, and what is known about it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from config.errors import UnknownNetwork

if TYPE_CHECKING:
    from models.weights.files import RemoteFile

Task = Literal["person detector", "face detector", "face embedder", "body pose"]


@dataclass(frozen=True, slots=True)
class InputFormat:
    """What a network wants to see.

    Attributes:
        size: height x width in pixels, or the rule for them.
        colour: order of the channels.
        scale: what is done to values of 0-255.
    """

    size: str
    colour: Literal["RGB", "BGR"]
    scale: str

    def __str__(self) -> str:
        return f"{self.size} {self.colour} {self.scale}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One network of the catalogue.

    Attributes:
        name: what configuration and command line call it.
        task: what it is for.
        files: its weights; one file for most.
        licence: of the weights, as their authors state it.
        training: who trained it, and on what.
        input: what it wants to see.
        score: a measured score with its data set, or a dash.
    """

    name: str
    task: Task
    files: tuple[RemoteFile, ...]
    licence: str
    training: str
    input: InputFormat
    score: str = "-"

    @property
    def size_bytes(self) -> int:
        """Size of all files together."""
        return sum(file.size_bytes for file in self.files)


def entries() -> dict[str, Entry]:
    """The whole catalogue, by name."""
    from models.weights.entries import darknet, faces, pose, torchvision

    listed = [*darknet.ENTRIES, *torchvision.ENTRIES, *faces.ENTRIES, *pose.ENTRIES]
    return {entry.name: entry for entry in listed}


def entry(name: str) -> Entry:
    """One network.

    Raises:
        UnknownNetwork: the catalogue does not hold the name; the message suggests one that it does.
    """
    known = entries()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else "`sitewatch weights list` names them"
        raise UnknownNetwork(f"the catalogue has no network {name!r}; {hint}")
    return known[name]
