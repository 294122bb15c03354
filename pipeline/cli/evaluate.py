"""``sitewatch evaluate``: scores of results against ground truth."""

from __future__ import annotations

import json
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.lazy import LazyGroup
from pipeline.cli.options import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PATH = click.Path(path_type=Path)


@click.group(cls=LazyGroup, lazy={})
def evaluate() -> None:
    """Score results against ground truth, by the field's own definitions.

    Ratios are percentages. Intervals are 95 % bootstrap intervals over sequences or images.
    """


def _reporting(command: Callable[..., tuple[Mapping[str, Any], str]]) -> Callable[..., None]:
    """Options of both commands: where the scores go, and the gate."""

    @click.option("--out", type=_PATH, help="Write the scores as JSON, to be a baseline later.")
    @click.option(
        "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True,
        help="A table to read, or JSON for programs.",
    )  # fmt: skip
    @click.option("--baseline", type=_PATH, help="Scores that an earlier --out wrote.")
    @click.option(
        "--fail-below",
        type=click.FloatRange(min=0),
        metavar="POINTS",
        help="End with status 60 if a score is more than POINTS percentage points below the baseline. [default: 0]",
    )
    @wraps(command)
    def reported(
        *, out: Path | None, form: str, baseline: Path | None, fail_below: float | None, **options: Any
    ) -> None:
        from pipeline.evaluation.regression import check_against_baseline, read_baseline
        from pipeline.output_files import write_whole

        if fail_below is not None and baseline is None:
            raise click.UsageError("--fail-below needs --baseline FILE")
        before = read_baseline(baseline) if baseline else None
        summary, table = command(**options)
        text = json.dumps(summary, indent=2, sort_keys=True)
        if out:
            write_whole(out, text + "\n")
        click.echo(text if form == "json" else table)
        if before is not None:
            check_against_baseline(summary, before, fail_below or 0.0, str(baseline))

    return reported


@evaluate.command(
    epilog=examples(
        "sitewatch evaluate tracking tracks --ground-truth MOT17 --out baseline.json",
        "sitewatch evaluate tracking tracks --ground-truth MOT17 --baseline baseline.json --fail-below 0.5",
        "sitewatch evaluate tracking evening/tracks.txt --ground-truth MOT15/PETS09-S2L1",
    )
)
@click.argument("results", type=_PATH)
@click.option(
    "--ground-truth",
    type=_PATH,
    required=True,
    help="A gt.txt, a sequence folder, or a folder of them such as one that holds MOT15/ and MOT17/.",
)
@click.option("--sequence", multiple=True, metavar="NAME", help="Score only this sequence; may be repeated.")
@click.option(
    "--benchmark",
    type=click.Choice(["MOT15", "MOT16", "MOT17", "MOT20"]),
    help="Whose rules say which rows count. [default: from the names of the folders]",
)
@_reporting
def tracking(
    results: Path, ground_truth: Path, sequence: tuple[str, ...], benchmark: str | None
) -> tuple[Mapping[str, Any], str]:
    """Score tracks: HOTA, MOTA, IDF1 and what they are made of.

    RESULTS is a folder of <sequence>.txt in MOTChallenge format, or one such file.
    """
    from pipeline.evaluation.alignment import Benchmark
    from pipeline.evaluation.summary import tracking_summary, tracking_table
    from pipeline.evaluation.tracking import evaluate_tracking

    rules = Benchmark(benchmark) if benchmark else None
    evaluated = evaluate_tracking(results, ground_truth, only=sequence, benchmark=rules)
    return tracking_summary(evaluated), tracking_table(evaluated)


@evaluate.command(
    epilog=examples("sitewatch evaluate detection results.json --boxes boxes.csv --images images")
)
@click.argument("results", type=_PATH)
@click.option(
    "--boxes",
    type=_PATH,
    required=True,
    help="CSV with the columns image,left,top,width,height; one row a person.",
)
@click.option("--images", type=_PATH, help="Folder whose images count even where no person is labelled.")
@_reporting
def detection(results: Path, boxes: Path, images: Path | None) -> tuple[Mapping[str, Any], str]:
    """Score boxes: COCO average precision of persons.

    RESULTS is a JSON list of COCO results, as `sitewatch detect --out` writes it.
    """
    from pipeline.evaluation.detection import evaluate_detection
    from pipeline.evaluation.summary import detection_summary, detection_table

    evaluated = evaluate_detection(results, boxes, images)
    return detection_summary(evaluated), detection_table(evaluated)
