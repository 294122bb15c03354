"""Options that several commands share."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--config FILE`` and repeated ``--set KEY=VALUE``.

    The command receives ``loaded: LoadedSettings``. Put the decorator below the command's own options.
    """

    @click.option(
        "--config", "config_file", type=click.Path(path_type=Path), help="Configuration file (YAML)."
    )
    @click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="Replace one value of the configuration, such as detector.name=yolov3-tiny. Repeatable.",
    )
    @functools.wraps(command)
    def with_settings(*args: Any, config_file: Path | None, overrides: tuple[str, ...], **kwargs: Any) -> Any:
        from config.loading import load_settings

        return command(*args, loaded=load_settings(config_file, overrides), **kwargs)

    return with_settings


def examples(*commands: str) -> str:
    """The end of a help page (its ``epilog``) that shows calls as they are typed."""
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)
