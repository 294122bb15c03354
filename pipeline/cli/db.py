"""``sitewatch db``: create, upgrade and look after the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli.database import chosen_database, database_option
from pipeline.cli.lazy import LazyGroup
from pipeline.cli.options import config_options, examples

if TYPE_CHECKING:
    from config.provenance import LoadedSettings
    from storage.records import RunRecord


@click.group(cls=LazyGroup, lazy={})
def db() -> None:
    """Create, upgrade and look after the database."""


@db.command(
    epilog=examples(
        "sitewatch db upgrade --database site.db",
        "sitewatch db upgrade --database postgresql://sitewatch@localhost/site",
    )
)
@database_option
@config_options
def upgrade(database: str | None, loaded: LoadedSettings) -> None:
    """Create the database, or bring its schema to this Sitewatch's. Make a backup first."""
    from storage.engine import upgrade_database
    from storage.upgrade import SchemaState
    from storage.url import database_url, describe

    chosen = chosen_database(database, loaded)
    before = upgrade_database(chosen, loaded.settings.storage)
    name = describe(database_url(chosen))
    if before.state is SchemaState.CURRENT:
        click.echo(f"{name}: schema {before.newest}, nothing to do")
    else:
        click.echo(f"{name}: schema {before.revision or 'none'} -> {before.newest}")


@db.command(epilog=examples("sitewatch db status --database evening/sitewatch.db"))
@database_option
@config_options
def status(database: str | None, loaded: LoadedSettings) -> None:
    """Show the schema and the runs, with what became of their frames."""
    from storage.engine import Access, database_version, open_database
    from storage.repositories.runs import RunRepository
    from storage.upgrade import SchemaState
    from storage.url import database_url, describe

    chosen = chosen_database(database, loaded)
    version = database_version(chosen, loaded.settings.storage)
    state = version.state.name.lower().replace("_", " ")
    click.echo(
        f"{describe(database_url(chosen))}: schema {version.revision or 'none'} ({state}; newest {version.newest})"
    )
    if version.state is not SchemaState.CURRENT:
        return
    engine = open_database(chosen, loaded.settings.storage, Access.READ)
    try:
        runs = RunRepository(engine)
        dead = set(runs.abandoned())
        for run in runs.list():
            _print_run(run, abandoned=run.run_id in dead)
    finally:
        engine.dispose()
    if dead:
        click.echo("Mark the runs whose process died incomplete: sitewatch db recover")


@db.command(epilog=examples("sitewatch db recover --database evening/sitewatch.db"))
@database_option
@config_options
def recover(database: str | None, loaded: LoadedSettings) -> None:
    """Mark runs of this machine incomplete whose process ended without finishing them.

    Every start of a run does this too.
    """
    from storage.engine import Access, open_database
    from storage.repositories.runs import RunRepository

    engine = open_database(chosen_database(database, loaded), loaded.settings.storage, Access.WRITE)
    try:
        marked = RunRepository(engine).mark_abandoned()
    finally:
        engine.dispose()
    click.echo(f"marked incomplete: {', '.join(map(str, marked)) or 'none'}")


def _print_run(run: RunRecord, *, abandoned: bool) -> None:
    status = "running, but its process is gone" if abandoned else run.status.value
    reason = f" ({run.reason})" if run.reason else ""
    click.echo(
        f"run {run.run_id}: {status}{reason}, started {run.started_at:%Y-%m-%d %H:%M:%S}Z, version {run.version}"
    )
    for camera, frames in run.frames.items():
        dropped = "".join(f", {count} dropped: {why}" for why, count in sorted(frames.dropped.items()))
        damaged = f", {frames.damaged} damaged" if frames.damaged else ""
        in_flight = f", {frames.in_flight} in flight" if frames.in_flight else ""
        click.echo(
            f"  {camera}: {frames.captured} frames captured, {frames.processed} processed{dropped}{in_flight}{damaged}"
        )
