"""``sitewatch detect``: persons in single images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_options, examples

if TYPE_CHECKING:
    from config.provenance import LoadedSettings
    from config.sections.detector import DetectorSettings

_PATH = click.Path(path_type=Path)


@click.command(
    epilog=examples(
        "sitewatch detect images --out results.json --draw drawn",
        "sitewatch detect gate.jpg dock.jpg --detector yolov3-spp --score-threshold 0.4 --out results.json",
    )
)
@click.argument("images", nargs=-1, required=True, type=_PATH, metavar="IMAGE_OR_FOLDER...")
@click.option("--out", type=_PATH, required=True, help="Write the boxes as COCO results (JSON).")
@click.option("--draw", type=_PATH, metavar="FOLDER", help="Write each picture with its boxes into FOLDER.")
@click.option("--detector", metavar="NAME", help="Network; `sitewatch weights list` names them.")
@click.option("--weights", type=_PATH, metavar="FILE", help="Weights to use instead of the catalogue's.")
@click.option("--score-threshold", type=click.FloatRange(0, 1), help="Leave out boxes below this confidence.")
@click.option("--device", metavar="DEVICE", help="auto, cpu, cuda or cuda:N.")
@config_options
def detect(
    images: tuple[Path, ...],
    out: Path,
    draw: Path | None,
    detector: str | None,
    weights: Path | None,
    score_threshold: float | None,
    device: str | None,
    loaded: LoadedSettings,
) -> None:
    """Find persons in pictures: files, or folders of them.

    The results are a list of {"image_id": file name, "category_id": 1, "bbox": [left, top, width, height], "score"},
    in pixels of the upright picture. A damaged picture is named at the end, with status 27; the results of
    the others are written all the same.
    """
    from pipeline.image_detection import detect_images

    chosen = {"name": detector, "weights_file": weights, "score_threshold": score_threshold, "device": device}
    settings = _with(
        loaded.settings.detector, {key: value for key, value in chosen.items() if value is not None}
    )
    report = detect_images(images, settings, out, draw)
    click.echo(f"{report.boxes} persons in {report.images} images: {out}")
    if report.refused:
        click.echo(
            f"{report.refused} boxes that are not finite were left out: the network or its weights may be broken",
            err=True,
        )
    report.raise_for_damaged()


def _with(settings: DetectorSettings, chosen: dict[str, object]) -> DetectorSettings:
    """The settings with what the command line says instead, validated again."""
    from pydantic import ValidationError

    from config.complaints import problem
    from config.errors import ConfigError

    try:
        return type(settings).model_validate({**settings.model_dump(), **chosen})
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        raise ConfigError(f"--{detail['loc'][0]}: {problem(detail, type(settings))}") from None
