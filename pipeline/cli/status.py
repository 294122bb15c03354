"""``sitewatch status``: what the running daemon does, as a table that lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_options, examples

if TYPE_CHECKING:
    from config.provenance import LoadedSettings


@click.command(
    epilog=examples(
        "sitewatch status --config site.yaml",
        "sitewatch status --once",
        "sitewatch status --url http://10.0.0.5:9464/metrics --every 5",
    )
)
@click.option("--url", help="Metrics of another daemon, instead of metrics.host and metrics.port.")
@click.option("--once", is_flag=True, help="Show it once and end; so also where the output is no terminal.")
@click.option(
    "--every",
    "every_s",
    type=click.FloatRange(min=0.2),
    default=1.0,
    show_default=True,
    metavar="S",
    help="Seconds between two looks.",
)
@config_options
def status(loaded: LoadedSettings, *, url: str | None, once: bool, every_s: float) -> None:
    """Show what the running daemon does: cameras, frames, ages, processes, database.

    For each camera: frames captured = processed + in flight + dropped, and why frames were dropped. The figures are those
    of the Prometheus end point.
    """
    from pipeline.status.showing import show

    show(url or _url(loaded), once=once, every_s=every_s)


def _url(loaded: LoadedSettings) -> str:
    from config.errors import ConfigError

    metrics = loaded.settings.metrics
    if not metrics.port:
        raise ConfigError("metrics.port is not set to a port: name the daemon's metrics with --url")
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(metrics.host, metrics.host)  # noqa: S104  not listened on
    return f"http://{host}:{metrics.port}/metrics"
