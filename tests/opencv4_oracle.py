"""Runs OpenCV 4's Darknet importer in a process of its own: OpenCV 5, which the tests run on, has none.

As a script: python -m tests.opencv4_oracle OPENCV_FOLDER CFG WEIGHTS BLOB.npy OUT.npz
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.absent import absent

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROOT = Path(__file__).parents[1]


def oracle_folder() -> Path:
    """Where OpenCV 4 is installed; `make .oracle/opencv-4` puts it there."""
    folder = Path(os.environ.get("SITEWATCH_ORACLE_OPENCV") or _ROOT / ".oracle" / "opencv-4")
    if not (folder / "cv2").is_dir():
        absent(f"no OpenCV 4 in {folder}: `make .oracle/opencv-4` installs it")
    return folder


def importer_rows(
    cfg: Path, weights: Path, images: NDArray[np.uint8], scratch: Path
) -> list[NDArray[np.float32]]:
    """What OpenCV's importer makes of BGR images of the network's input size.

    Args:
        cfg: Darknet description.
        weights: Darknet weights.
        images: (N, H, W, 3) uint8.
        scratch: folder for what travels between the processes.

    Returns:
        For each image (boxes, 5 + classes) float32: centre x and y, width, height as fractions, objectness,
        objectness times class probability; 0 where that is below 0.001.
    """
    np.save(scratch / "images.npy", images)
    lenient = scratch / "oracle.cfg"  # the importer drops scores below 0.2 unless told otherwise
    lenient.write_text(cfg.read_text().replace("[yolo]\n", "[yolo]\nthresh=0.001\n"))
    files = [lenient, weights, scratch / "images.npy", scratch / "rows.npz"]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.opencv4_oracle",
            str(oracle_folder()),
            *(str(file.resolve()) for file in files),
        ],
        cwd=_ROOT,
        check=True,
        timeout=300,
    )
    with np.load(scratch / "rows.npz") as rows:
        return [rows[f"arr_{index}"] for index in range(len(images))]


def _main(opencv: str, cfg: str, weights: str, images: str, out: str) -> None:
    sys.path.insert(0, opencv)
    import cv2

    cv4: Any = cv2  # the stubs of the installed OpenCV 5 know no Darknet
    assert cv4.__version__.startswith("4."), cv4.__version__
    network = cv4.dnn.readNetFromDarknet(cfg, weights)
    network.enableWinograd(False)  # its rounding alone comes near the tolerance in 75 layers
    rows = []
    for image in np.load(images):
        network.setInput(cv4.dnn.blobFromImage(image, 1 / 255, swapRB=True))
        rows.append(np.concatenate(network.forward(network.getUnconnectedOutLayersNames())))
    np.savez(out, *rows)


if __name__ == "__main__":
    _main(*sys.argv[1:])
