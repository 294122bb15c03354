"""What a replay says of itself while it runs."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress, TextColumn

from pipeline.replay.progress import BarProgress, LineProgress


def test_lines() -> None:
    now = [0.0]
    lines: list[str] = []
    progress = LineProgress(lines.append, clock=lambda: now[0])
    progress.begin("gate: detect and track", 100)
    for _ in range(50):
        now[0] += 0.25
        progress.advance()
    progress.begin("gate: annotated video", None)
    for _ in range(10):
        now[0] += 0.1
        progress.advance()
    progress.end()
    progress.end()
    assert lines == [
        "gate: detect and track: 40 of 100 frames, 4.0 frames/s, 15 s left",
        "gate: detect and track: 50 frames, 4.0 frames/s",
        "gate: annotated video: 10 frames, 10.0 frames/s",
    ]


def test_more_frames_than_the_container_said() -> None:
    now = [0.0]
    lines: list[str] = []
    progress = LineProgress(lines.append, clock=lambda: now[0])
    progress.begin("gate", 1)
    for _ in range(2):
        now[0] += 10
        progress.advance()
    assert lines[-1] == "gate: 2 of 1 frames, 0.1 frames/s, 0 s left"


def test_the_bar_ends_full() -> None:
    with Progress(TextColumn("{task.fields[fps]}"), console=Console(quiet=True)) as bars:
        progress = BarProgress(bars)
        progress.advance()
        progress.begin("gate", 5)
        for _ in range(3):
            progress.advance()
        progress.begin("yard", None)
        progress.end()
        first, second = bars.tasks
        assert (first.completed, first.total) == (3, 3)
        assert second.finished
