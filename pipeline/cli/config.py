"""``sitewatch config`` and ``sitewatch check-config``: what is configured, and is it right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.lazy import LazyGroup
from pipeline.cli.options import config_options, examples

if TYPE_CHECKING:
    from config.provenance import LoadedSettings, Origin


@click.group(cls=LazyGroup, lazy={})
def config() -> None:
    """Show the effective configuration."""


@config.command(
    epilog=examples(
        "sitewatch config show --config site.yaml --set tracker.lost_s=3",
    )
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "yaml"]),
    default="table",
    show_default=True,
    help="A table of keys, or YAML to start a configuration file from.",
)
@config_options
def show(loaded: LoadedSettings, form: str) -> None:
    """Print every effective value and its origin; secrets are masked."""
    from config.document import effective_document

    def origin(key: str) -> str:
        return str(loaded.origins.get(key, ""))

    if form == "yaml":
        click.echo(effective_document(loaded.settings, origin), nl=False)
    else:
        _print_table(loaded)


@click.command("check-config", epilog=examples("sitewatch check-config site.yaml"))
@click.argument("file", type=click.Path(path_type=Path))
def check_config(file: Path) -> None:
    """Check a configuration FILE: all errors at once, each with its line, or a short summary."""
    from config.loading import load_settings

    loaded = load_settings(file)
    _refuse_unknown_detector(loaded)
    changed = sum(_is_set(origin) for origin in loaded.origins.values())
    click.echo(
        f"{file}: OK: {_counted(len(loaded.settings.cameras), 'camera')}, {_counted(changed, 'value')} set"
    )
    for key, origin in loaded.origins.items():
        if _is_set(origin) and origin.kind != "file":
            click.echo(f"  {key} comes from {origin}")


def _refuse_unknown_detector(loaded: LoadedSettings) -> None:
    """Which networks there are is known to ``models`` alone, so loading cannot check it."""
    from config.errors import UnknownNetwork
    from models.registry import DETECTORS

    try:
        DETECTORS.require(loaded.settings.detector.name)
    except UnknownNetwork as error:
        raise UnknownNetwork(f"{loaded.origins['detector.name']}: detector.name: {error}") from None


def _print_table(loaded: LoadedSettings) -> None:
    from config.document import effective_values

    values = effective_values(loaded.settings)
    key_width = max(map(len, values))
    value_width = max(map(len, values.values()))
    for key, value in values.items():
        origin = loaded.origins[key]
        line = f"{key:<{key_width}}  {value:<{value_width}}  {origin}"
        click.echo(click.style(line, bold=_is_set(origin)))


def _is_set(origin: Origin) -> bool:
    return origin.kind != "default"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
