"""What the daemon and a device worker say to each other. Frames travel as references into rings, never as pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.sections.detector import DetectorSettings
    from models.detections import Detections
    from pipeline.ring.frame_ring import FrameRef, RingLayout


@dataclass(frozen=True, slots=True)
class WorkerOrders:
    """The first message to a worker.

    Attributes:
        detector: which network, on which device.
    """

    detector: DetectorSettings


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """The network is loaded.

    Attributes:
        batch_size: frames that a batch takes best.
        provenance: of the network.
    """

    batch_size: int
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WorkerFailed:
    """The network cannot be loaded.

    Attributes:
        reason: what the operator should know.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class AttachRing:
    """A ring that batches will name; its file descriptor follows.

    Attributes:
        ring: number of the ring, never used again.
        layout: of the ring.
    """

    ring: int
    layout: RingLayout


@dataclass(frozen=True, slots=True)
class DetachRing:
    """No batch will name this ring any more.

    Attributes:
        ring: number of the ring.
    """

    ring: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Frames to look at together; they stay leased until the answer.

    Attributes:
        number: of the batch.
        frames: number of the ring, and where in it.
    """

    number: int
    frames: tuple[tuple[int, FrameRef], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found in a batch.

    Attributes:
        number: of the batch.
        detections: of each frame, in their order; None if the network refused the batch.
        seconds: that the network took.
        refusal: why, if it did.
    """

    number: int
    detections: tuple[Detections, ...] | None
    seconds: float
    refusal: str = ""
