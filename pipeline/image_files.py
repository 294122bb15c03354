"""Pictures in files: found, read upright, and refused where they are damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from config.errors import InputEmpty, InputNotFound, MalformedInput, NotARegularFile
from pipeline.capture.image_folder import IMAGE_SUFFIXES, natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray


def find_images(paths: Iterable[Path]) -> list[Path]:
    """Every file named, and of every folder the images in it, in natural order.

    Raises:
        InputNotFound: a path does not exist, or a folder may not be read.
        InputEmpty: a folder holds no image.
    """
    found: list[Path] = []
    for path in paths:
        found += _images_of(path) if path.is_dir() else [path]
        if not path.exists():
            raise InputNotFound(f"{path}: no such file or folder")
    return found


def _images_of(folder: Path) -> list[Path]:
    try:
        images = [file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES]
    except OSError as error:
        raise InputNotFound(f"{folder} cannot be listed: {error.strerror}; check its permissions") from error
    if not images:
        raise InputEmpty(f"{folder} holds no image ({', '.join(sorted(IMAGE_SUFFIXES))})")
    return sorted(images, key=lambda file: natural_key(file.name))


def read_image(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 BGR picture, upright by its EXIF orientation.

    Grey becomes colour, 16 bits become 8, transparency is dropped.

    Raises:
        InputNotFound: the file cannot be read.
        NotARegularFile: it is a pipe, socket or device, which could keep the reader waiting without end.
        InputEmpty: it has zero bytes.
        MalformedInput: it is no picture, or a damaged one.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise NotARegularFile(f"{path}: is a pipe, socket or device; give the picture as a file")
    try:
        encoded = np.fromfile(path, np.uint8)
    except OSError as error:
        raise InputNotFound(f"{path} cannot be read: {error.strerror}") from error
    if not encoded.size:
        raise InputEmpty(f"{path}: the file is empty")
    try:
        image = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    except cv2.error as error:  # more pixels than OpenCV is willing to hold
        raise MalformedInput(f"{path}: cannot be decoded: {error.err}") from error
    if image is None:
        raise MalformedInput(f"{path}: not an image that can be decoded, or a damaged one")
    return np.asarray(image, np.uint8)
