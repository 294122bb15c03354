"""``sitewatch track``: public detections become tracks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_options, examples

if TYPE_CHECKING:
    from config.provenance import LoadedSettings
    from pipeline.sequence_tracking import TrackedSequence


@click.command(
    epilog=examples(
        "sitewatch track MOT17/MOT17-02-FRCNN MOT17/MOT17-04-FRCNN --out tracks",
        "sitewatch evaluate tracking tracks --ground-truth MOT17 --sequence MOT17-02-FRCNN",
    )
)
@click.argument(
    "sequences", metavar="SEQUENCE_DIR...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the results, <sequence>.txt each; made if need be.",
)
@click.option(
    "--second-look",
    is_flag=True,
    help="Look at each track again with its future known: earlier positions, filled gaps, smooth ways.",
)
@config_options
def track(sequences: tuple[Path, ...], out: Path, *, second_look: bool, loaded: LoadedSettings) -> None:
    """Track the detections of MOTChallenge folders.

    Each SEQUENCE_DIR holds det/det.txt and, for the frame rate, seqinfo.ini. Where it also holds the pictures, as
    images in img1/ or as one video, people are told apart by their looks too; else by motion alone.

    Tracking is online: what is said of a frame depends on no later frame, unless --second-look is given.
    `sitewatch evaluate tracking` scores the results.
    """
    from rich.console import Console
    from rich.progress import track as progress

    from pipeline.motchallenge import write_results
    from pipeline.output_files import prepare_folder
    from pipeline.sequence_tracking import track_sequence

    prepare_folder(out)
    console = Console(stderr=True)
    tracked = []
    for folder in progress(
        sequences, "Tracking", console=console, disable=not console.is_terminal, transient=True
    ):
        result = track_sequence(
            folder, loaded.settings.tracker, second_look=loaded.settings.replay if second_look else None
        )
        write_results(out / f"{result.name}.txt", result.rows)
        tracked.append(result)
    _print_table(tracked)
    click.echo(f"wrote {out}")


def _print_table(tracked: list[TrackedSequence]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("sequence")
    for heading in ("frames", "pictures", "detections", "refused", "tracks", "positions"):
        table.add_column(heading, justify="right")
    for one in tracked:
        counts = (one.frames, one.pictures, one.detections, one.refused, one.tracks, len(one.rows))
        table.add_row(one.name, *(str(count) for count in counts))
    Console().print(table)
