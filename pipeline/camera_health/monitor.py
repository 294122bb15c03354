"""Faults of one camera, from what is measured of its pictures, its rate, its connection and its clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.camera_health.faults import CameraEvent, CameraFault
from pipeline.camera_health.hysteresis import Hysteresis
from pipeline.camera_health.measures import DARK
from pipeline.camera_health.usual import UsualLevel

if TYPE_CHECKING:
    from datetime import datetime

    from config.sections.health import HealthSettings
    from pipeline.camera_health.displacement import Displacement
    from pipeline.camera_health.measures import PictureMeasures


class CameraHealthMonitor:
    """Tells when faults of a camera begin and end.

    Every method is to be called about once a second while there is something to say, and gives the events that it led to.
    Everywhere ``now_s`` is monotonic seconds, and ``now_utc`` the same moment in UTC, for the events.

    While the camera is offline no other fault begins or ends. A covered picture says nothing about freezing, focus and
    place, a dark one nothing about focus and place, a blurred one nothing about place.

    Args:
        camera_id: name of the camera.
        settings: what counts as a fault, and for how long it must last.
    """

    def __init__(self, camera_id: str, settings: HealthSettings) -> None:
        self._camera_id = camera_id
        self._settings = settings
        self._watches = {fault: _Watch(_hysteresis(fault, settings)) for fault in CameraFault}
        self._usual_sharpness = UsualLevel()
        self._usual_rate_hz = UsualLevel()
        self._is_open = False

    @property
    def faults(self) -> frozenset[CameraFault]:
        """Those that go on."""
        return frozenset(fault for fault, watch in self._watches.items() if watch.hysteresis.is_on)

    def connection(self, is_open: bool, now_s: float, now_utc: datetime) -> list[CameraEvent]:  # noqa: FBT001
        """Whether the camera is connected and gives frames."""
        self._is_open = is_open
        if not is_open:
            self._suspend(*(fault for fault in CameraFault if fault is not CameraFault.OFFLINE))
        return self._judge(CameraFault.OFFLINE, not is_open, "no connection", now_s, now_utc)

    def picture(self, measures: PictureMeasures, now_s: float, now_utc: datetime) -> list[CameraEvent]:
        """What was measured of a picture."""
        if not self._is_judged:
            return []
        covered = measures.contrast < self._settings.covered_contrast
        events = self._judge(CameraFault.COVERED, covered, _covered(measures), now_s, now_utc)
        if covered:
            self._suspend(CameraFault.FROZEN, CameraFault.OUT_OF_FOCUS, CameraFault.MOVED)
            return events
        if measures.change is not None:
            frozen = measures.change == 0
            events += self._judge(CameraFault.FROZEN, frozen, "not the least change", now_s, now_utc)
        if measures.change == 0 or measures.mean < DARK:
            self._suspend(CameraFault.OUT_OF_FOCUS, CameraFault.MOVED)
            return events
        return events + self._view(measures, now_s, now_utc)

    def rate(
        self, frames_per_s: float, expected_hz: float | None, now_s: float, now_utc: datetime
    ) -> list[CameraEvent]:
        """How many frames a second come, and how many the camera states; None where it does not say."""
        if not self._is_judged:
            return []
        expected = self._usual_rate_hz.value if expected_hz is None else expected_hz
        low = expected is not None and frames_per_s < self._settings.rate_fraction * expected
        if not low and expected_hz is None:
            self._usual_rate_hz.learn(frames_per_s)
        detail = f"{frames_per_s:.1f} frames a second instead of {expected or 0:.1f}"
        return self._judge(CameraFault.LOW_RATE, low, detail, now_s, now_utc)

    def clock_skew(self, skew_s: float, now_s: float, now_utc: datetime) -> list[CameraEvent]:
        """How far the camera's time stamps have run ahead of this machine's clock; negative for behind."""
        if not self._is_judged:
            return []
        skewed = abs(skew_s) > self._settings.clock_skew_s
        return self._judge(
            CameraFault.CLOCK_SKEW, skewed, f"time stamps off by {skew_s:+.1f} s", now_s, now_utc
        )

    @property
    def _is_judged(self) -> bool:
        return self._is_open and not self._watches[CameraFault.OFFLINE].hysteresis.is_on

    def _view(self, measures: PictureMeasures, now_s: float, now_utc: datetime) -> list[CameraEvent]:
        usual = self._usual_sharpness.value
        blurred = usual is not None and measures.sharpness < self._settings.sharpness_fraction * usual
        detail = f"sharpness {measures.sharpness:.2f}, usually {usual or 0:.2f}"
        events = self._judge(CameraFault.OUT_OF_FOCUS, blurred, detail, now_s, now_utc)
        if blurred:
            self._suspend(CameraFault.MOVED)
            return events
        place = measures.place
        moved = None if place is None else place.is_moved(self._settings.moved_fraction)
        if place is not None and moved is not None:
            events += self._judge(CameraFault.MOVED, moved, _moved(place), now_s, now_utc)
        if not self.faults:
            self._usual_sharpness.learn(measures.sharpness)
        return events

    def _judge(
        self,
        fault: CameraFault,
        present: bool,  # noqa: FBT001
        detail: str,
        now_s: float,
        now_utc: datetime,
    ) -> list[CameraEvent]:
        watch = self._watches[fault]
        since_s = watch.hysteresis.update(present, now_s)
        if since_s is None:
            return []
        at = now_utc - timedelta(seconds=now_s - since_s)
        if watch.event is None:
            watch.event = CameraEvent(self._camera_id, fault, at, None, detail)
            return [watch.event]
        # The clock of the machine may have been set back meanwhile.
        ended = replace(watch.event, ended_at=max(at, watch.event.began_at))
        watch.event = None
        return [ended]

    def _suspend(self, *faults: CameraFault) -> None:
        for fault in faults:
            self._watches[fault].hysteresis.suspend()


@dataclass(slots=True)
class _Watch:
    hysteresis: Hysteresis
    event: CameraEvent | None = None


def _hysteresis(fault: CameraFault, settings: HealthSettings) -> Hysteresis:
    begin_after_s = settings.begin_after_s
    if fault is CameraFault.FROZEN:
        begin_after_s = max(begin_after_s, settings.frozen_after_s)
    return Hysteresis(begin_after_s, settings.end_after_s)


def _covered(measures: PictureMeasures) -> str:
    seen = "black" if measures.mean < DARK else "grey"
    return f"{seen}: grey levels {measures.mean:.0f} with a standard deviation of {measures.contrast:.1f}"


def _moved(place: Displacement) -> str:
    if place.is_another_view:
        return "another view"
    across, down = "right" if place.dx > 0 else "left", "down" if place.dy > 0 else "up"
    return f"the background lies {abs(place.dx):.1%} of the width {across} and {abs(place.dy):.1%} {down} of its place"
