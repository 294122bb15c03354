"""Protocols of the networks: what a stage may ask of a detector or an appearance model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from models.detections import Detections


class Detector(Protocol):
    """Finds persons in a batch of images.

    Attributes:
        name: registry name, such as ``yolov3-tiny``.
        batch_size: how many images one call takes best; any number is accepted.
        provenance: what a run records about the network: weights' name and sha256, input size, runtime, precision.
    """

    @property
    def name(self) -> str: ...

    @property
    def batch_size(self) -> int: ...

    @property
    def provenance(self) -> dict[str, str]: ...

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """Persons of each image, sorted by falling confidence, in pixels of that image.

        Args:
            images: each (H, W, 3) uint8 BGR; sizes may differ within a batch.
        """
        ...


class AppearanceModel(Protocol):
    """Describes what a person in a box looks like.

    Attributes:
        dimension: length D of a descriptor.
    """

    dimension: int

    def embed(self, image: NDArray[np.uint8], xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, D) float32 descriptors of unit L2 norm for the (N, 4) boxes of one (H, W, 3) BGR image.

        A box without a visible pixel gives a row of zeros.
        """
        ...
