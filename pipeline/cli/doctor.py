"""``sitewatch doctor``: is this machine ready to watch the site?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_options, examples

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.provenance import LoadedSettings
    from pipeline.doctor.findings import Finding

_WIDTH_OUTSIDE_A_TERMINAL = 200
_STYLES = {"ok": "green", "warning": "yellow", "failure": "bold red"}


@click.command(
    epilog=examples(
        "sitewatch doctor --config site.yaml",
        "sitewatch doctor --config site.yaml --open",
    )
)
@click.option("--open", "open_cameras", is_flag=True, help="Also decode the first frame of each camera.")
@config_options
def doctor(loaded: LoadedSettings, *, open_cameras: bool) -> None:
    """Check that this machine is ready to watch a site, and say what to do where it is not.

    Looks at the configuration, privacy masks, credentials and cameras, FFmpeg, weights, device, folders, database, disk,
    the metrics' port, shared memory and limits. Nothing is changed. Run it as the user that the daemon runs as. Ends with
    status 80 if something is in the way; warnings are none.
    """
    from config.errors import SiteNotReady
    from pipeline.doctor.examination import examine
    from pipeline.doctor.findings import Outcome

    findings = _watched(examine(loaded, os.environ, open_cameras=open_cameras))
    _print_table(findings)
    failures = sum(finding.outcome is Outcome.FAILURE for finding in findings)
    if failures:
        raise SiteNotReady(
            f"{failures} of {len(findings)} checks failed: the table above says what to do about each"
        )


def _watched(findings: Iterator[Finding]) -> list[Finding]:
    """All findings; on a terminal it is said meanwhile what was looked at: cameras that are away take their time-out."""
    from rich.console import Console
    from rich.markup import escape

    collected = []
    with Console(stderr=True).status("Looking at the configuration and at the cameras") as status:
        for finding in findings:
            collected.append(finding)
            status.update(f"Looked at {escape(finding.subject)}")
    return collected


def _print_table(findings: Sequence[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from config.masking import masked

    table = Table(box=None, pad_edge=False)
    for header in ("", "check", "found", "what to do"):
        table.add_column(header, no_wrap=header == "", overflow="fold")
    for finding in findings:
        outcome = finding.outcome.value
        # As Text: what rich takes for markup, such as [0], may stand in a path.
        cells = [Text(masked(cell)) for cell in (finding.subject, finding.found, finding.remedy)]
        table.add_row(Text(outcome, _STYLES[outcome]), *cells)
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH_OUTSIDE_A_TERMINAL
    console.print(table)
