"""The whole configuration: one section a room."""

from __future__ import annotations

from collections import Counter
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from config.sections.base import Section
from config.sections.cameras import CameraSettings
from config.sections.detector import DetectorSettings
from config.sections.replay import ReplaySettings
from config.sections.storage import StorageSettings
from config.sections.tracker import TrackerSettings


class Settings(Section):
    """Everything a site can set. `config/default.yaml` shows each value with its meaning."""

    cameras: tuple[CameraSettings, ...] = ()
    """Cameras of the site; a replay names its recordings on the command line instead."""
    detector: DetectorSettings = Field(default_factory=DetectorSettings)
    """The person detector."""
    tracker: TrackerSettings = Field(default_factory=TrackerSettings)
    """Association of boxes over time."""
    storage: StorageSettings = Field(default_factory=StorageSettings)
    """The database."""
    replay: ReplaySettings = Field(default_factory=ReplaySettings)
    """Replay of recorded footage."""

    @model_validator(mode="after")
    def _camera_ids_are_unique(self) -> Self:
        twice = [name for name, count in Counter(camera.id for camera in self.cameras).items() if count > 1]
        if twice:
            raise PydanticCustomError(
                "camera_id_twice",
                "Cameras should have ids of their own, found {ids} twice",
                {"ids": ", ".join(twice)},
            )
        return self
