"""Options that choose what a command lists: by run, camera and time."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.database import StoredInteger, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine


def filters(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command ``--run``, ``--camera``, ``--from`` and ``--to``.

    The command receives them as ``chosen``: ``run_id``, ``camera_id``, ``start`` and ``end``, each None if not given.

    Args:
        what: how those are called that are chosen by their time, as ``those seen``.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.option(
            "--run",
            "run_id",
            type=StoredInteger(),
            metavar="ID",
            help="Only of this run; sitewatch db status lists them.",
        )
        @click.option("--camera", "camera_id", metavar="NAME", help="Only of this camera.")
        @click.option(
            "--from",
            "start",
            metavar="TIME",
            callback=parse_time,
            help=f"Only {what} at this time or later, ISO 8601 with its zone: 2026-01-31T02:00Z.",
        )
        @click.option(
            "--to", "end", metavar="TIME", callback=parse_time, help=f"Only {what} before this time."
        )
        @functools.wraps(command)
        def filtered(
            *args: Any,
            run_id: int | None,
            camera_id: str | None,
            start: datetime | None,
            end: datetime | None,
            **kwargs: Any,
        ) -> Any:
            if start is not None and end is not None and start >= end:
                raise click.UsageError("--from must be earlier than --to")
            chosen = {"run_id": run_id, "camera_id": camera_id, "start": start, "end": end}
            return command(*args, chosen=chosen, **kwargs)

        return filtered

    return decorate


def require_known(engine: Engine, run_id: int | None, camera_id: str | None) -> dict[int, tuple[str, ...]]:
    """Refuse a run or camera that is not there: an empty answer would say that there was nothing.

    Returns:
        Names of the cameras of each run.

    Raises:
        RecordNotFound: no such run, or no such camera in it.
    """
    from config.errors import RecordNotFound
    from storage.repositories.runs import RunRepository

    cameras = RunRepository(engine).cameras()
    if run_id is not None and run_id not in cameras:
        raise RecordNotFound(f"there is no run {run_id}: sitewatch db status lists them")
    known = sorted({name for run, names in cameras.items() if run_id in {None, run} for name in names})
    if camera_id is not None and camera_id not in known:
        where = "the database" if run_id is None else f"run {run_id}"
        raise RecordNotFound(f"{where} has no camera {camera_id!r}, only {', '.join(known) or 'none'}")
    return cameras
