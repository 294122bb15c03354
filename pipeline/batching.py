"""Which frames go to a device together, and when: full enough or late enough, and fair across cameras."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.sections.batching import BatchingSettings

_RATE_WEIGHT = 0.1
"""Weight of the latest interval in a camera's mean: it settles within some ten frames."""


@dataclass(slots=True)
class _Camera:
    """What the planner remembers of a camera.

    Attributes:
        served: turns that it had, counted from where the others stood when it came.
        last_s: arrival of its latest frame.
        interval_s: mean seconds between its frames; None until two have come.
    """

    served: int
    last_s: float | None = None
    interval_s: float | None = None


@dataclass(slots=True)
class BatchPlanner:
    """Decides over the waiting frames of the cameras of one device; knows no clock and no queue of its own.

    Attributes:
        settings: window and size.
        max_batch: frames that a batch may hold.
    """

    settings: BatchingSettings
    max_batch: int
    _cameras: dict[str, _Camera] = field(default_factory=dict)
    _level: int = 0

    def add(self, camera_id: str) -> None:
        """A camera whose frames may come from now on."""
        self._cameras[camera_id] = _Camera(self._level)

    def remove(self, camera_id: str) -> None:
        """A camera of which no more frames come."""
        del self._cameras[camera_id]

    def arrived(self, camera_id: str, now_s: float, frames: int = 1) -> None:
        """So many frames of a camera have come since the last word of it."""
        camera = self._cameras[camera_id]
        if camera.last_s is not None and now_s > camera.last_s:
            interval_s = (now_s - camera.last_s) / frames
            mean_s = camera.interval_s
            camera.interval_s = (
                interval_s if mean_s is None else mean_s + _RATE_WEIGHT * (interval_s - mean_s)
            )
        camera.last_s = now_s

    def window_s(self, now_s: float) -> float:
        """How long a frame waits for company: no longer than until the fastest live camera gives its next."""
        longest = self.settings.max_window_s
        intervals = [
            camera.interval_s
            for camera in self._cameras.values()
            if camera.interval_s is not None and camera.last_s is not None and self._is_live(camera, now_s)
        ]
        return min([longest, *intervals])

    def due_s(self, waiting: Mapping[str, tuple[int, float]], now_s: float) -> float | None:
        """When the next batch is to be made; a time that has passed means now, None never.

        Args:
            waiting: camera → how many of its frames wait, and since when the oldest does.
            now_s: monotonic seconds.
        """
        if not waiting:
            return None
        if sum(count for count, _ in waiting.values()) >= self.max_batch or not self._others(waiting, now_s):
            return now_s
        return min(since_s for _, since_s in waiting.values()) + self.window_s(now_s)

    def pick(self, waiting: Mapping[str, int]) -> list[str]:
        """Cameras whose oldest frame goes into the batch now, each as often as it is named.

        Who was served least comes first, and nobody comes a second time before all others have come once: a camera
        that floods gets what the others leave.

        Reference: Goyal, Vin, Cheng 1996 (start-time fair queueing).

        Args:
            waiting: camera → how many of its frames wait.
        """
        left = {camera_id: count for camera_id, count in waiting.items() if count > 0}
        for camera_id in left:  # who was away saves up no turns
            camera = self._cameras[camera_id]
            camera.served = max(camera.served, self._level)
        picked: list[str] = []
        while left and len(picked) < self.max_batch:
            for camera_id in sorted(left, key=lambda name: (self._cameras[name].served, name)):
                if len(picked) == self.max_batch:
                    break
                picked.append(camera_id)
                left[camera_id] -= 1
            left = {camera_id: count for camera_id, count in left.items() if count > 0}
        self._serve(picked)
        return picked

    def _serve(self, picked: Iterable[str]) -> None:
        """A turn each, however many frames."""
        served = [self._cameras[camera_id] for camera_id in dict.fromkeys(picked)]
        self._level = min((camera.served for camera in served), default=self._level)
        for camera in served:
            camera.served += 1

    def _others(self, waiting: Mapping[str, object], now_s: float) -> bool:
        """Whether anybody who is live has no frame waiting: only for them it pays to wait."""
        return any(
            camera_id not in waiting and self._is_live(camera, now_s)
            for camera_id, camera in self._cameras.items()
        )

    def _is_live(self, camera: _Camera, now_s: float) -> bool:
        """Its next frame may come within the window."""
        if camera.last_s is None or camera.interval_s is None:
            return False
        return now_s - camera.last_s <= 2 * camera.interval_s + self.settings.max_window_s
