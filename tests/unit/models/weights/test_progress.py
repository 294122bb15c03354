"""What the operator sees of a transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.weights.progress import Terminal

if TYPE_CHECKING:
    import pytest


def test_outside_a_terminal_it_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)
    with Terminal().transfer("tiny.weights", 35_434_956) as on_bytes:
        on_bytes(1000)
    with Terminal().transfer("package.whl", None) as on_bytes:
        on_bytes(1000)
    seen = capsys.readouterr()
    assert (seen.out, seen.err) == ("", "fetching tiny.weights (35.4 MB)\nfetching package.whl\n")


def test_on_a_terminal_it_is_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Terminal().transfer("tiny.weights", 2_000_000) as on_bytes:
        on_bytes(2_000_000)
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "tiny.weights" in seen.err
    assert "2.0/2.0 MB" in seen.err
