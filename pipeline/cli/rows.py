"""Rows of an answer as a table to read, as CSV or as JSON."""

from __future__ import annotations

import csv
import json
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

_TEXTS = frozenset({"camera", "kind", "detail"})
"""Columns that begin at the left."""
_LEAST_WIDTH = 200  # characters: a line that breaks in a narrow terminal is easier to read than cells that do


def rows_options(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command ``--limit`` and ``--format`` for a list of ``what``."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        limit = click.option(
            "--limit", type=click.IntRange(min=0), default=100, show_default=True,
            help=f"At most so many {what}; 0: all.",
        )  # fmt: skip
        form = click.option(
            "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True,
            help="A table to read, or CSV or JSON for programs.",
        )  # fmt: skip
        return limit(form(command))

    return decorate


def print_rows(
    rows: Iterator[dict[str, Any]], headings: Mapping[str, str], form: str, *, limit: int = 0, nothing: str
) -> None:
    """Print rows as a ``table``, as ``csv`` or as a ``json`` array; the last two as they come.

    Without a row CSV still has its heading and JSON its brackets.

    Args:
        rows: each with a value for every column; read to the end.
        headings: of a table, by column, in their order.
        form: of the output.
        limit: at most so many are shown, and it is said if there are more; 0 for all.
        nothing: what is said in place of an empty table.
    """
    shown = islice(rows, limit or None)
    if form == "table":
        _print_table(shown, headings, nothing)
    elif form == "csv":
        _print_csv(shown, list(headings))
    else:
        _print_json(shown)
    if list(rows):  # read to its end, the answer gives its connection back
        click.echo(
            f"There are more than {limit}: choose with --run, --camera, --from, --to, or --limit 0", err=True
        )


def _print_table(rows: Iterable[dict[str, Any]], headings: Mapping[str, str], nothing: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name, heading in headings.items():
        justify: Literal["left", "right"] = "left" if name in _TEXTS else "right"
        table.add_column(heading, justify=justify, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(text(row[name])) for name in headings))
    if table.rows:
        Console(width=max(Console().width, _LEAST_WIDTH)).print(table)
    else:
        click.echo(nothing, err=True)


def _print_csv(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> None:
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: plain(value) for name, value in row.items()})


def _print_json(rows: Iterable[dict[str, Any]]) -> None:
    separator = "["
    for row in rows:
        sys.stdout.write(f"{separator}\n{json.dumps(row, default=plain)}")
        separator = ","
    sys.stdout.write("[]\n" if separator == "[" else "\n]\n")


def text(value: Any) -> str:
    """A value to read; times in UTC to the millisecond, nothing for what is absent."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}Z"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def plain(value: datetime | Any) -> Any:
    """A value for programs: times in ISO 8601."""
    return value.isoformat() if hasattr(value, "isoformat") else value
