"""The whole configuration: one section a room."""

from __future__ import annotations

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from config.sections.base import Section
from config.sections.batching import BatchingSettings
from config.sections.cameras import CameraSettings
from config.sections.capture import CaptureSettings
from config.sections.detector import DetectorSettings
from config.sections.health import HealthSettings
from config.sections.metrics import MetricsSettings
from config.sections.motion_gate import MotionGateSettings
from config.sections.replay import ReplaySettings
from config.sections.storage import StorageSettings
from config.sections.supervisor import SupervisorSettings
from config.sections.tracker import TrackerSettings


class Settings(Section):
    """Everything a site can set. `config/default.yaml` shows each value with its meaning."""

    cameras: tuple[CameraSettings, ...] = ()
    """Cameras of the site; a replay names its recordings on the command line instead."""
    capture: CaptureSettings = Field(default_factory=CaptureSettings)
    """Readers of live cameras, one process each."""
    motion_gate: MotionGateSettings = Field(default_factory=MotionGateSettings)
    """Live scenes that stand still are looked at only now and then."""
    health: HealthSettings = Field(default_factory=HealthSettings)
    """What is wrong with a camera."""
    batching: BatchingSettings = Field(default_factory=BatchingSettings)
    """Frames of several cameras in one call of the network."""
    detector: DetectorSettings = Field(default_factory=DetectorSettings)
    """The person detector."""
    tracker: TrackerSettings = Field(default_factory=TrackerSettings)
    """Association of boxes over time."""
    storage: StorageSettings = Field(default_factory=StorageSettings)
    """The database."""
    replay: ReplaySettings = Field(default_factory=ReplaySettings)
    """Replay of recorded footage."""
    supervisor: SupervisorSettings = Field(default_factory=SupervisorSettings)
    """Processes of the daemon."""
    metrics: MetricsSettings = Field(default_factory=MetricsSettings)
    """Figures for Prometheus and `sitewatch status`."""

    @field_validator("cameras")
    @classmethod
    def _ids_are_unique(cls, cameras: tuple[CameraSettings, ...]) -> tuple[CameraSettings, ...]:
        first: dict[str, int] = {}
        for index, camera in enumerate(cameras):
            if first.setdefault(camera.id, index) != index:
                where = {"id": camera.id, "first": first[camera.id], "second": index}
                raise PydanticCustomError(
                    "camera_id_twice",
                    "Input should hold each id once: {id} is the id of cameras.{first} and cameras.{second}",
                    where,
                )
        return cameras
