"""How far a transfer is: nothing, or a bar on the terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


class Progress(Protocol):
    """Watches transfers."""

    def transfer(self, name: str, total_bytes: int | None) -> AbstractContextManager[Callable[[int], None]]:
        """Watch one transfer; the returned function takes the bytes that are there so far."""
        ...

    def note(self, message: str) -> None:
        """Tell the operator something while nothing is transferred."""
        ...


class Silent:
    """Says nothing."""

    @contextmanager
    def transfer(self, name: str, total_bytes: int | None) -> Iterator[Callable[[int], None]]:
        """Watch nothing."""
        del name, total_bytes
        yield lambda _: None

    def note(self, message: str) -> None:
        """Drop the message."""


class Terminal:
    """A bar with speed and remaining time on standard error; one line a file where that is no terminal."""

    @contextmanager
    def transfer(self, name: str, total_bytes: int | None) -> Iterator[Callable[[int], None]]:
        """Show a bar while the transfer lasts."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        console = Console(stderr=True)
        if not console.is_terminal:
            self.note(f"fetching {name}{f' ({total_bytes / 1e6:.1f} MB)' if total_bytes else ''}")
            yield lambda _: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
            task = bar.add_task(name, total=total_bytes)
            yield lambda done_bytes: bar.update(task, completed=done_bytes)

    def note(self, message: str) -> None:
        """Print one line on standard error."""
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
