"""Is the camera well? What the reader shows and says, brought before the camera's health monitor."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from pipeline.camera_health.monitor import CameraHealthMonitor
from pipeline.ring.board import ReaderActivity

if TYPE_CHECKING:
    from datetime import datetime

    from config.schema import Settings
    from config.sections.cameras import CameraSettings
    from pipeline.camera_health.faults import CameraEvent
    from pipeline.capture.live.messages import Looked

_EVERY_S = 1.0
_RATE_OVER_S = 5.0
"""Frames are counted over so long: cameras of one frame a second have a rate too."""


class CameraWatch:
    """Feeds a :class:`CameraHealthMonitor` about once a second.

    Args:
        camera: its settings.
        settings: of the site.
    """

    def __init__(self, camera: CameraSettings, settings: Settings) -> None:
        self._monitor = CameraHealthMonitor(camera.id, settings.health)
        self._is_paced = camera.playback != "fast"
        self._counts: deque[tuple[float, int]] = deque()
        self._due_s = float("-inf")
        self._told: list[CameraEvent] = []

    @property
    def faults(self) -> tuple[str, ...]:
        """Names of the faults that go on."""
        return tuple(sorted(str(fault) for fault in self._monitor.faults))

    def looked(self, looked: Looked, now_s: float, now_utc: datetime) -> None:
        """What a picture looks like."""
        self._told += self._monitor.picture(looked.measures, now_s, now_utc)
        if self._is_paced:
            self._told += self._monitor.clock_skew(looked.skew_s, now_s, now_utc)

    def tick(
        self,
        activity: ReaderActivity,
        captured: int,
        stated_hz: float | None,
        now_s: float,
        now_utc: datetime,
    ) -> list[CameraEvent]:
        """What has begun or ended since the last call.

        Args:
            activity: of the reader.
            captured: frames so far.
            stated_hz: frames a second that the camera states; None if it does not say.
            now_s: monotonic seconds.
            now_utc: the same moment.
        """
        if now_s >= self._due_s:
            self._due_s = now_s + _EVERY_S
            is_open = activity in {ReaderActivity.STREAMING, ReaderActivity.FINISHED}
            self._told += self._monitor.connection(is_open, now_s, now_utc)
            rate_hz = self._rate(activity, captured, now_s)
            if rate_hz is not None:
                self._told += self._monitor.rate(rate_hz, stated_hz, now_s, now_utc)
        told, self._told = self._told, []
        return told

    def _rate(self, activity: ReaderActivity, captured: int, now_s: float) -> float | None:
        """Frames a second over the last seconds; None until it has been streaming for so long."""
        if activity is not ReaderActivity.STREAMING or not self._is_paced:
            self._counts.clear()
            return None
        self._counts.append((now_s, captured))
        while now_s - self._counts[0][0] > _RATE_OVER_S + _EVERY_S:
            self._counts.popleft()
        since_s, before = self._counts[0]
        return (captured - before) / (now_s - since_s) if now_s - since_s >= _RATE_OVER_S else None
