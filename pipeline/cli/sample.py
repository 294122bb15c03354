"""``sitewatch sample``: the recording that a first run replays."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.lazy import LazyGroup
from pipeline.cli.options import examples


@click.group(cls=LazyGroup, lazy={})
def sample() -> None:
    """Fetch the sample recording."""


@sample.command(epilog=examples("sitewatch sample fetch", "sitewatch sample fetch --from vtest.avi"))
@click.option("--from", "source", type=click.Path(path_type=Path), help="Take this local file instead.")
def fetch(source: Path | None) -> None:
    """Fetch the sample recording unless it is here, and print its path."""
    from pipeline.sample import fetch_sample

    click.echo(fetch_sample(source))
