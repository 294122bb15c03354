"""The runtime changes how fast persons are found, not which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from config.sections.detector import DetectorSettings
from pipeline.evaluation.detection import evaluate_detection
from pipeline.image_detection import detect_images

if TYPE_CHECKING:
    from pathlib import Path


def _ap50(
    runtime: Literal["auto", "torch"],
    precision: Literal["auto", "f32"],
    people: Path,
    weights: Path,
    out: Path,
) -> float:
    settings = DetectorSettings(
        runtime=runtime, precision=precision, weights_file=weights, score_threshold=0.005, device="cpu"
    )
    detect_images([people / "images"], settings, out)
    return evaluate_detection(out, people / "boxes.csv", people / "images", draws=1).scores.ap50


@pytest.mark.data
@pytest.mark.weights
def test_default_runtime_finds_what_torch_f32_finds(
    data_dir: Path, tiny_weights: Path, tmp_path: Path
) -> None:
    people = data_dir / "people" / "pennfudan"
    reference = _ap50("torch", "f32", people, tiny_weights, tmp_path / "torch.json")
    default = _ap50("auto", "auto", people, tiny_weights, tmp_path / "default.json")
    assert reference > 80  # percent
    assert default == pytest.approx(reference, abs=1.0)
