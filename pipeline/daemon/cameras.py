"""The cameras of the site: added, removed and changed while the others go on."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import structlog

from config.errors import ConfigError
from pipeline.accounting import DropReason
from pipeline.capture.credentials import resolve_credentials, with_credentials
from pipeline.daemon.live_camera import LiveCamera
from pipeline.ring.board import ReaderActivity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.schema import Settings
    from config.sections.cameras import CameraSettings
    from pipeline.daemon.dispatcher import Dispatcher
    from pipeline.daemon.live_camera import Heritage
    from pipeline.daemon.loop import EventLoop
    from pipeline.daemon.wall_clock import WallAnchor

_log = structlog.get_logger("sitewatch.cameras")

_LEAVE_S = 1.0
"""A reader that was asked to end may say goodbye to its camera for so long."""


class SiteCameras:
    """All cameras, spread over the devices.

    Cameras are started a few at a time, as many as there are cores: who is watched already does not feel it. Those that
    are to go may say goodbye, while the daemon goes on.

    Args:
        settings: of the site.
        dispatchers: one a device.
        loop: watches the readers.
        anchor: gives UTC times.

    Attributes:
        past: what cameras left that are not read any more.
        refused: cameras that cannot be opened as they are configured, and why.
    """

    def __init__(
        self, settings: Settings, dispatchers: Sequence[Dispatcher], loop: EventLoop, anchor: WallAnchor
    ) -> None:
        self._settings = settings
        self._dispatchers = dispatchers
        self._loop = loop
        self._anchor = anchor
        self._wanted: dict[str, CameraSettings] = {}
        self._cameras: dict[str, LiveCamera] = {}
        self._device: dict[str, Dispatcher] = {}
        self._leaving: dict[str, float] = {}
        self.refused: dict[str, str] = {}
        self._at_once = max(2, os.cpu_count() or 1)
        self.past: dict[str, Heritage] = {}

    def __iter__(self) -> Iterator[LiveCamera]:
        return iter(list(self._cameras.values()))

    def __len__(self) -> int:
        return len(self._wanted)

    @property
    def complete(self) -> bool:
        """Whether all cameras that are wanted have been started, and none else is there."""
        return not self._leaving and set(self._cameras) == set(self._wanted) - set(self.refused)

    def declare(self, wanted: Sequence[CameraSettings]) -> list[str]:
        """Have exactly these cameras, soon; those whose settings stay the same are not touched.

        Returns:
            The ids of those that are added or changed.
        """
        self._settings = self._settings.model_copy(update={"cameras": tuple(wanted)})
        self._wanted = {camera.id: camera for camera in wanted}
        self.refused = {}
        new = [camera.id for camera in wanted if not self._is_there(camera)]
        for camera in self:
            if self._wanted.get(camera.id) != camera.settings and camera.id not in self._leaving:
                camera.ask_to_end()
                self._leaving[camera.id] = time.monotonic() + _LEAVE_S
        return new

    def tick(self, now_s: float) -> None:
        """Let go of those that have said goodbye, start those that are wanted."""
        for camera_id, until_s in list(self._leaving.items()):
            camera = self._cameras[camera_id]
            if not camera.reader.alive or now_s >= until_s:
                del self._leaving[camera_id]
                self._remove(camera, DropReason.RING_REPLACED)
        starting = sum(camera.activity is ReaderActivity.STARTING for camera in self)
        for camera_id, settings in self._wanted.items():
            if starting >= self._at_once:
                break
            if camera_id not in self._cameras and camera_id not in self.refused:
                self._add(settings)
                starting += 1

    def close(self, reason: DropReason) -> None:
        """Remove all; frames that wait are given up."""
        self._wanted = {}
        self._leaving = {}
        for camera in self:
            self._remove(camera, reason)

    def _is_there(self, wanted: CameraSettings) -> bool:
        there = self._cameras.get(wanted.id)
        return there is not None and there.settings == wanted and wanted.id not in self._leaving

    def _add(self, camera: CameraSettings) -> None:
        try:
            address, secrets = _address(camera)
        except ConfigError as error:  # the others are watched all the same
            _log.error("camera left out", camera=camera.id, reason=str(error))
            self.refused[camera.id] = str(error)
            return
        dispatcher = min(self._dispatchers, key=lambda each: len(each.cameras))
        live = LiveCamera(
            camera,
            address=address,
            secrets=secrets,
            settings=self._settings,
            loop=self._loop,
            user=dispatcher.worker,
            anchor=self._anchor,
            heritage=self.past.pop(camera.id, None),
        )
        self._cameras[camera.id] = live
        self._device[camera.id] = dispatcher
        dispatcher.add(live)
        live.start()
        _log.info("camera added", camera=camera.id, source=camera.address)

    def _remove(self, camera: LiveCamera, reason: DropReason) -> None:
        self._device.pop(camera.id).remove(camera)
        del self._cameras[camera.id]
        self.past[camera.id] = camera.close(reason)
        _log.info("camera removed", camera=camera.id)


def _address(camera: CameraSettings) -> tuple[str, tuple[str, ...]]:
    """What to open, and what must never be shown."""
    if camera.credentials is None:
        return camera.address, ()
    credentials = resolve_credentials(camera.credentials, os.environ)
    return with_credentials(camera.address, credentials), (credentials.user, credentials.password)
