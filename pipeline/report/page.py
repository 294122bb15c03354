"""``report.html``: one file that needs no other, no network and no script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.output_files import write_whole
from pipeline.report.view import page_view

if TYPE_CHECKING:
    from pipeline.report.content import ReplayReport


def write_report(report: ReplayReport, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
        DiskFull: no space left.
    """
    write_whole(path, render(report))


def render(report: ReplayReport) -> str:
    """The page as HTML. The same report gives the same text.

    Whatever a name or note holds is shown as text: the templates escape it, and the page's policy forbids it to load
    or run anything.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.j2").render(page=page_view(report))
