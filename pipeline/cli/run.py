"""``sitewatch run``: the daemon. ``sitewatch reload``: have it read its configuration again."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_options, examples

if TYPE_CHECKING:
    from config.provenance import LoadedSettings
    from config.schema import Settings


@click.command(
    epilog=examples(
        "sitewatch run --config site.yaml",
        "sitewatch run --config site.yaml --database postgresql://sitewatch@localhost/site",
        "sitewatch reload",
    )
)
@click.option("--database", metavar="URL", help="Write to this database instead of storage.url.")
@config_options
@click.pass_context
def run(context: click.Context, loaded: LoadedSettings, *, database: str | None) -> None:
    """Watch the cameras of a site until stopped.

    Cameras may be down at the start, and come and go. SIGTERM or Ctrl-C stop it: what was seen is committed first. SIGHUP
    makes it read its configuration again: cameras that have not changed go on undisturbed.
    """
    from config.errors import ConfigError
    from config.loading import load_settings
    from pipeline.daemon.daemon import Daemon
    from pipeline.daemon.logs import configure_logs
    from pipeline.daemon.places import site_database, sole_daemon
    from pipeline.service.notify import ServiceNotifier

    settings = loaded.settings
    if not settings.cameras:
        raise ConfigError(
            "no camera is configured: name a file with --config, with at least one entry below cameras"
        )
    configure_logs(verbose=bool(context.find_root().params.get("verbose")))
    overrides = tuple(context.params.get("overrides", ()))

    def load() -> Settings:
        return load_settings(loaded.path, overrides).settings

    with sole_daemon():
        Daemon(
            settings,
            database or site_database(settings.storage),
            load=load,
            notifier=ServiceNotifier.from_environment(os.environ),
        ).run()


@click.command()
def reload() -> None:
    """Have the running daemon read its configuration again.

    Cameras that were added, removed or changed are started and stopped; the others are not touched. A configuration
    with an error changes nothing: the daemon's log says what is wrong, as check-config does.
    """
    from pipeline.daemon.places import daemon_pid

    pid = daemon_pid()
    os.kill(pid, signal.SIGHUP)
    click.echo(f"asked the daemon (process {pid}) to read its configuration again; its log says what changed")
