"""``make bench-live``: a Markdown table of how the daemon does, beside what it must and should reach."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from benchmarks.live.figures import HEADER, Figure
from benchmarks.machine import describe
from config.errors import SitewatchError

NAMES = ("ring", "start", "overhead", "paced", "age", "idle", "reconnects", "soak", "gpu")
"""Modules of this package with a function ``measure``."""


@click.command()
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="Measure this; may be repeated.")
@click.option("--quick", is_flag=True, help="Short and few rounds: to see that it works, not what it gives.")
def main(only: tuple[str, ...], *, quick: bool) -> None:
    """Measure the daemon on this machine; one row of the table after the other, as they are done."""
    if "SITEWATCH_DATA" not in os.environ:
        click.echo("SITEWATCH_DATA must name the folder of the evaluation data", err=True)
        sys.exit(2)
    print(f"{describe()}, {_accelerator()}{', quick' if quick else ''}\n\n{HEADER}", flush=True)
    failed = False
    for name in only or NAMES:
        click.echo(f"{name} ...", err=True)
        try:
            figures: list[Figure] = import_module(f"benchmarks.live.{name}").measure(quick=quick)
        except (
            AssertionError,
            SitewatchError,
            OSError,
            RuntimeError,
        ) as error:  # the others are still of use
            failed = True
            click.echo(f"{name}: {error}", err=True)
            figures = [Figure(name, None, note=f"failed: {' '.join(repr(error).split())[:200]}")]
        for figure in figures:
            print(figure.row(), flush=True)
    sys.exit(int(failed))


def _accelerator() -> str:
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no CUDA device"


if __name__ == "__main__":
    main()
