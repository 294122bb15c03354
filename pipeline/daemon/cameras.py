"""The cameras of the site: added, removed and changed while the others go on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import structlog

from config.errors import ConfigError
from pipeline.accounting import DropReason
from pipeline.capture.credentials import resolve_credentials, with_credentials
from pipeline.daemon.live_camera import LiveCamera

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.schema import Settings
    from config.sections.cameras import CameraSettings
    from pipeline.daemon.dispatcher import Dispatcher
    from pipeline.daemon.live_camera import Heritage
    from pipeline.daemon.loop import EventLoop
    from pipeline.daemon.wall_clock import WallAnchor

_log = structlog.get_logger("sitewatch.cameras")


class SiteCameras:
    """All cameras, spread over the devices.

    Args:
        settings: of the site.
        dispatchers: one a device.
        loop: watches the readers.
        anchor: gives UTC times.

    Attributes:
        past: what cameras left that are not declared any more.
    """

    def __init__(
        self, settings: Settings, dispatchers: Sequence[Dispatcher], loop: EventLoop, anchor: WallAnchor
    ) -> None:
        self._settings = settings
        self._dispatchers = dispatchers
        self._loop = loop
        self._anchor = anchor
        self._cameras: dict[str, LiveCamera] = {}
        self._device: dict[str, Dispatcher] = {}
        self.past: dict[str, Heritage] = {}

    def __iter__(self) -> Iterator[LiveCamera]:
        return iter(list(self._cameras.values()))

    def __len__(self) -> int:
        return len(self._cameras)

    def declare(self, wanted: Sequence[CameraSettings]) -> list[str]:
        """Have exactly these cameras; those whose settings stay the same are not touched.

        Returns:
            The ids of those that were added or changed.
        """
        by_id = {camera.id: camera for camera in wanted}
        for camera in self:
            if by_id.get(camera.id) != camera.settings:
                self._remove(camera)
        added = [camera for camera in wanted if camera.id not in self._cameras]
        for camera_settings in added:
            self._add(camera_settings)
        return [camera.id for camera in added]

    def close(self, reason: DropReason) -> None:
        """Remove all; frames that wait are given up."""
        for camera in self:
            self._remove(camera, reason)
        for heritage in self.past.values():
            heritage.board.close()

    def _add(self, camera: CameraSettings) -> None:
        try:
            address, secrets = _address(camera)
        except ConfigError as error:  # the others are watched all the same
            _log.error("camera left out", camera=camera.id, reason=str(error))
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

    def _remove(self, camera: LiveCamera, reason: DropReason = DropReason.RING_REPLACED) -> None:
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
