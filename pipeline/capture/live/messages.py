"""What the daemon and a reader process say to each other, beside what the board shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.sections.cameras import CameraSettings
    from config.sections.capture import CaptureSettings
    from config.sections.health import HealthSettings
    from config.sections.motion_gate import MotionGateSettings
    from pipeline.camera_health.measures import PictureMeasures
    from pipeline.ring.frame_ring import RingLayout


@dataclass(frozen=True, slots=True)
class ReaderOrders:
    """The first message to a reader: all that it needs. It travels over a socket, never as an argument or variable.

    Attributes:
        camera: settings of the camera.
        address: what to open, with credentials.
        secrets: texts that must not appear in a message.
        capture: time-outs and back-off.
        gate: of a still scene.
        health: what is measured of pictures.
        slots: how many frames the ring shall hold.
        image_rate_hz: images a second of a folder.
    """

    camera: CameraSettings
    address: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    capture: CaptureSettings
    gate: MotionGateSettings
    health: HealthSettings
    slots: int
    image_rate_hz: float


@dataclass(frozen=True, slots=True)
class PictureSize:
    """The camera's pictures have this size from now on: the reader waits for a ring that fits.

    Attributes:
        layout: the ring that it needs.
        rate_hz: frames a second that the camera states; None if it does not say.
        codec: name of the codec.
    """

    layout: RingLayout
    rate_hz: float | None
    codec: str


@dataclass(frozen=True, slots=True)
class UseRing:
    """The answer to :class:`PictureSize`; the file descriptor of the ring follows."""


@dataclass(frozen=True, slots=True)
class CameraDown:
    """The camera cannot be had, and will be tried again.

    Attributes:
        reason: without credentials.
        retry_s: after so long.
    """

    reason: str
    retry_s: float


@dataclass(frozen=True, slots=True)
class RecordingOver:
    """A recording that plays once is at its end; the reader ends."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a picture looks like, about once a second.

    Attributes:
        measures: of the picture.
        skew_s: how far the camera's time stamps have run ahead of the machine's clock.
    """

    measures: PictureMeasures
    skew_s: float
