"""``make bench``: every measurement of ``docs/benchmarks.md``, one after the other."""

from __future__ import annotations

import os
import sys

import click

from benchmarks import area, association, detector, quality, replay, startup, storage


@click.command()
@click.option("--peer-python", required=True, help="Python of an environment with benchmarks/peers.txt.")
def main(peer_python: str) -> None:
    """Measure quality, speed and memory on this machine."""
    if "SITEWATCH_DATA" not in os.environ:
        click.echo("SITEWATCH_DATA must name the folder of the evaluation data", err=True)
        sys.exit(2)
    for title, measure in (
        ("Start-up", startup.main),
        ("Quality", quality.main),
        ("Association", lambda: association.main(peer_python)),
        ("Detector", detector.main),
        ("Replay", replay.main),
        ("Storage", storage.main),
        ("Area query", area.measure),
    ):
        click.secho(f"\n== {title}", bold=True)
        measure()


if __name__ == "__main__":
    main()
