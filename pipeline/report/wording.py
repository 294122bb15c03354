"""Numbers and times as the page writes them."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """Media time as ``m:ss`` or ``h:mm:ss``."""
    whole = round(max(seconds, 0.0))
    hours, rest = divmod(whole, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{second:02d}" if hours else f"{minutes}:{second:02d}"


def duration(seconds: float) -> str:
    """A span of time in the largest units that matter: ``8.4 s``, ``2 s``, ``1 min 53 s``, ``2 h 05 min``."""
    if round(seconds, 1) < 60:
        return f"{round(seconds, 1):g} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """``1 track``, ``2,300 tracks``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
