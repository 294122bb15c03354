"""``sitewatch replay``: recordings become trajectories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_options, examples

if TYPE_CHECKING:
    from config.provenance import LoadedSettings
    from config.schema import Settings
    from pipeline.replay.request import ReplayResult


@click.command(
    epilog=examples(
        'sitewatch replay "$(sitewatch sample fetch)" --out evening',
        "sitewatch replay gate.mp4 dock.mp4 --out night --start-time 2026-01-31T22:00:00Z --no-video",
        "sitewatch replay gate.mp4 --online --ground-truth gt.txt --set detector.score_threshold=0.2",
    )
)
@click.argument("recordings", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="VIDEO...")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("replay"),
    show_default=True,
    help="Folder for the results; made if need be, and nothing else in it is touched.",
)
@click.option(
    "--ground-truth",
    multiple=True,
    type=click.Path(path_type=Path),
    help="MOTChallenge ground truth (gt.txt, or a sequence folder) to score against; one a VIDEO, in their order.",
)
@click.option(
    "--database", metavar="URL", help="Write to this database (storage.url) instead of OUT/sitewatch.db."
)
@click.option("--online", is_flag=True, help="Only what the live daemon would have said: no second look.")
@click.option("--no-video", is_flag=True, help="Write no annotated.mp4.")
@click.option(
    "--start-time", metavar="TIME", help="UTC time of the first frame, such as 2026-11-24T02:00:00Z."
)
@config_options
def replay(
    loaded: LoadedSettings,
    *,
    recordings: tuple[Path, ...],
    out: Path,
    ground_truth: tuple[Path, ...],
    database: str | None,
    online: bool,
    no_video: bool,
    start_time: str | None,
) -> None:
    """Replay recordings: from frames to trajectories in a database.

    Each VIDEO is a file, or a folder of images, of one camera. Beside the database OUT receives report.html,
    annotated.mp4, tracks.txt and summary.json.
    """
    from pipeline.clock import parse_recorded_at
    from pipeline.replay.interruption import stopping_on_signals
    from pipeline.replay.progress import shown_progress
    from pipeline.replay.request import ReplayRequest
    from pipeline.replay.run import replay as run_replay

    if ground_truth and len(ground_truth) != len(recordings):
        raise click.UsageError(
            f"{len(recordings)} recordings need as many --ground-truth in the same order, or none: "
            f"there are {len(ground_truth)}"
        )
    request = ReplayRequest(
        recordings=recordings,
        out=out,
        settings=_effective(loaded.settings, database=database, online=online, no_video=no_video),
        ground_truth=ground_truth,
        recorded_at=parse_recorded_at(start_time) if start_time else None,
    )
    with stopping_on_signals() as stop, shown_progress() as progress:
        result = run_replay(request, stop=stop, progress=progress)
    _print_summary(result)
    if result.failure is not None:
        raise result.failure


def _effective(settings: Settings, *, database: str | None, online: bool, no_video: bool) -> Settings:
    """The options of the command line have the last word."""
    from pydantic import SecretStr

    replay_changes: dict[str, bool] = {}
    if online:
        replay_changes["second_look"] = False
    if no_video:
        replay_changes["annotated_video"] = False
    storage_changes = {"url": SecretStr(database)} if database else {}
    return settings.model_copy(
        update={
            "replay": settings.replay.model_copy(update=replay_changes),
            "storage": settings.storage.model_copy(update=storage_changes),
        }
    )


def _print_summary(result: ReplayResult) -> None:
    metadata = result.summary["run_metadata"]
    for name, camera in result.summary["cameras"].items():
        frames, seen = camera["frames"], camera["observations"] or {}
        dropped = sum(frames["dropped"].values())
        click.echo(
            f"{name}: {frames['captured']} frames captured = {frames['processed']} processed "
            f"+ {frames['in_flight']} in flight + {dropped} dropped; {camera['recording']['damaged_packets']} damaged"
        )
        by_origin = ", ".join(f"{number} {origin}" for origin, number in seen.items() if number)
        click.echo(
            f"  {camera['tracks'] or 0} tracks in {sum(seen.values())} positions ({by_origin or 'none'})"
        )
        if camera["refused_boxes"]:
            click.echo(
                f"  {camera['refused_boxes']} boxes that are not finite were left out: "
                "the network or its weights may be broken"
            )
        if camera["incomplete_reason"]:
            click.echo(f"  incomplete: {camera['incomplete_reason']}")
        for label, scores in result.scores.get(name, {}).items():
            click.echo(
                f"  {label}: HOTA {scores.hota:.2f}  MOTA {scores.mota:.2f}  IDF1 {scores.idf1:.2f}  "
                f"IDSW {scores.identity_switches}"
            )
    click.echo(
        f"{metadata['frames_per_s']} frames/s; {metadata['wall_s']:.1f} s in all, "
        f"{metadata['peak_memory_mb']:.0f} MB at most"
    )
    if result.incomplete and result.failure is None:
        click.echo(f"run {result.run_id} is incomplete: {result.incomplete}", err=True)
    for path in result.files:
        click.echo(f"wrote {path}")
    state = "incomplete run" if result.incomplete else "run"
    click.echo(f"{state} {result.run_id} in {result.database}")
