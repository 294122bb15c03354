"""Entry point of the ``sitewatch`` command: errors become one line and an exit status here, and only here."""

from __future__ import annotations

import errno
import logging
import os
import sys
from typing import NoReturn

import click

from config.errors import DiskFull, Interrupted, SitewatchError
from pipeline.cli.lazy import LazyGroup

_COMMANDS = {
    "replay": ("pipeline.cli.replay:replay", "Replay recordings: from frames to trajectories in a database."),
    "run": ("pipeline.cli.run:run", "Watch the cameras of a site until stopped."),
    "status": ("pipeline.cli.status:status", "Show what the running daemon does."),
    "reload": ("pipeline.cli.run:reload", "Have the running daemon read its configuration again."),
    "doctor": ("pipeline.cli.doctor:doctor", "Check that this machine is ready to watch a site."),
    "detect": ("pipeline.cli.detect:detect", "Find persons in images."),
    "track": ("pipeline.cli.track:track", "Track the detections of MOTChallenge folders."),
    "evaluate": ("pipeline.cli.evaluate:evaluate", "Score results against ground truth."),
    "tracks": ("pipeline.cli.tracks:tracks", "List, show and export recorded trajectories."),
    "camera-events": (
        "pipeline.cli.camera_events:camera_events",
        "List what was the matter with the cameras.",
    ),
    "db": ("pipeline.cli.db:db", "Create and upgrade the database."),
    "weights": ("pipeline.cli.weights:weights", "List, fetch and verify the weights of the networks."),
    "sample": ("pipeline.cli.sample:sample", "Fetch the sample recording."),
    "config": ("pipeline.cli.config:config", "Show the effective configuration and its origins."),
    "check-config": ("pipeline.cli.config:check_config", "Check a configuration file."),
}


@click.group(
    cls=LazyGroup,
    lazy=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="To begin: sitewatch replay $(sitewatch sample fetch). Each command explains itself with --help, and ends "
    "with the exit status of its error: docs/exit-statuses.md.",
)
@click.version_option(package_name="sitewatch")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens inside, and show tracebacks.")
def cli(*, verbose: bool) -> None:
    """Sitewatch watches a site: persons are detected, tracked and recorded."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


def main() -> None:
    """Run the command line; end the process with the exit status that ``config.errors`` documents."""
    verbose = "-v" in sys.argv[1:] or "--verbose" in sys.argv[1:]
    try:
        cli.main(standalone_mode=False)
        sys.stdout.flush()
    except SitewatchError as error:
        if verbose:
            logging.getLogger("sitewatch").exception("command failed")
        click.echo(f"sitewatch: {error}", err=True)
        sys.exit(error.exit_status)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("sitewatch: interrupted", err=True)
        sys.exit(Interrupted.exit_status)
    except OSError as error:
        _end_without_output(error)


def _end_without_output(error: OSError) -> NoReturn:
    """Standard output takes no more: its reader went away, as in ``sitewatch tracks list | head``, or its disk is full."""
    if error.errno not in {errno.EPIPE, errno.ENOSPC, errno.EDQUOT}:
        raise error
    status = SitewatchError.exit_status  # click's, where it sees the broken pipe first
    if error.errno != errno.EPIPE:
        click.echo("sitewatch: no space left for the output: free some", err=True)
        status = DiskFull.exit_status
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes there
    sys.exit(status)


if __name__ == "__main__":
    main()
