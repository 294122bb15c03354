"""How far a replay is: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_LINE_EVERY_S = 10.0


class Progress(Protocol):
    """Told of work as it is done."""

    def begin(self, task: str, total: int | None) -> None:
        """A piece of work starts, of ``total`` frames if that is known; the one before has ended."""
        ...

    def advance(self) -> None:
        """One frame more."""
        ...

    def say(self, text: str) -> None:
        """Something happened that whoever watches should know at once."""
        ...


class SilentProgress:
    """For those who do not watch."""

    def begin(self, task: str, total: int | None) -> None:
        """Say nothing."""

    def advance(self) -> None:
        """Say nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""


class LineProgress:
    """A plain line at the end of each piece of work, and every ten seconds in between.

    Args:
        write: takes a line without its end.
        clock: seconds, rising.
    """

    def __init__(self, write: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._task: str | None = None
        self._total: int | None = None
        self._done = 0
        self._started_s = self._said_s = 0.0

    def begin(self, task: str, total: int | None) -> None:
        """Close the work before with a line, and start the next."""
        self.end()
        self._task, self._total, self._done = task, total, 0
        self._started_s = self._said_s = self._clock()

    def advance(self) -> None:
        """Count; say so when ten seconds have passed since the last line."""
        self._done += 1
        now_s = self._clock()
        if now_s - self._said_s >= _LINE_EVERY_S:
            self._said_s = now_s
            self._say(now_s)

    def say(self, text: str) -> None:
        """A line of its own."""
        self._write(text)

    def end(self) -> None:
        """Close the last piece of work with a line."""
        if self._task is not None and self._done:
            self._say(self._clock(), ended=True)
        self._task = None

    def _say(self, now_s: float, *, ended: bool = False) -> None:
        elapsed_s = max(now_s - self._started_s, 1e-9)
        rate = self._done / elapsed_s
        text = f"{self._task}: {self._done}"
        if self._total and not ended:
            left_s = max(0, self._total - self._done) / rate
            text += f" of {self._total} frames, {rate:.1f} frames/s, {left_s:.0f} s left"
        else:
            text += f" frames, {rate:.1f} frames/s"
        self._write(text)


class BarProgress:
    """A bar with frames a second and the time that is left."""

    def __init__(self, bars: RichProgress) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def begin(self, task: str, total: int | None) -> None:
        """The bar before stays where it ended; a new one starts."""
        self.end()
        self._task = self._bars.add_task(task, total=total, fps="")

    def advance(self) -> None:
        """Move the bar on."""
        if self._task is None:
            return
        speed = self._bars.tasks[self._bars.task_ids.index(self._task)].speed
        self._bars.update(self._task, advance=1, fps=f"{speed:.1f} frames/s" if speed else "")

    def say(self, text: str) -> None:
        """A line above the bars."""
        self._bars.console.print(text, markup=False, highlight=False)

    def end(self) -> None:
        """Fill the bar: a total that the container only estimated is corrected."""
        if self._task is not None:
            done = self._bars.tasks[self._bars.task_ids.index(self._task)].completed
            self._bars.update(self._task, total=done or 1, completed=done or 1)
            self._task = None


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Progress on stderr, as fits it."""
    if not sys.stderr.isatty():
        lines = LineProgress(lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201  the terminal
        yield lines
        lines.end()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[fps]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=4) as bars:
        shown = BarProgress(bars)
        yield shown
        shown.end()
