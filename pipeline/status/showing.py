"""The table on a terminal, again and again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live

from pipeline.status.reading import fetch
from pipeline.status.table import site_table

if TYPE_CHECKING:
    from pipeline.status.reading import SiteFigures

_PAPER_WIDTH = 140
"""Columns where the output is no terminal."""


def show(url: str, *, once: bool, every_s: float) -> None:
    """Show a daemon's figures; until Ctrl-C, where the output is a terminal and ``once`` is not set.

    Raises:
        NotRunning: nobody answers.
    """
    console = Console()
    if once or not console.is_terminal:
        if not console.is_terminal:
            console = Console(width=_PAPER_WIDTH)
        console.print(site_table(fetch(url), None, every_s))
        return
    before: SiteFigures | None = None
    looked_s = time.monotonic()
    with Live(console=console, auto_refresh=False) as live:
        while True:
            now, now_s = fetch(url), time.monotonic()
            live.update(site_table(now, before, now_s - looked_s), refresh=True)
            before, looked_s = now, now_s
            time.sleep(every_s)
