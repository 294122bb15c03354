"""The worker process of a device, kept alive: given batches, listened to, killed when it hangs, started again."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from pipeline.daemon.child import ChildProcess, credential_variables
from pipeline.daemon.kept_alive import KeptAlive
from pipeline.device.messages import (
    Answer,
    AttachRing,
    Batch,
    DetachRing,
    WorkerFailed,
    WorkerOrders,
    WorkerReady,
)
from pipeline.ring.board import ProcessBoard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.schema import Settings
    from config.sections.detector import DetectorSettings
    from pipeline.daemon.held_frames import DaemonRing, HeldFrame
    from pipeline.daemon.loop import EventLoop

_log = structlog.get_logger("sitewatch.worker")

_MODULE = "pipeline.device.worker"


class WorkerListener(Protocol):
    """Told of what a worker says."""

    def worker_ready(self, ready: WorkerReady) -> None:
        """The network is loaded: rings are to be attached, then batches can come."""

    def answered(self, frames: Sequence[HeldFrame], answer: Answer) -> None:
        """A batch was looked at."""

    def worker_ended(self, frames: Sequence[HeldFrame]) -> None:
        """The process is gone, with these frames unanswered."""


@dataclass(frozen=True, slots=True)
class _InFlight:
    number: int
    frames: tuple[HeldFrame, ...]
    since_s: float


class DeviceWorker(KeptAlive):
    """One worker process after another for one device.

    Args:
        detector: which network, on which device.
        settings: time-outs and restarts.
        loop: watches the line.
        listener: told of what it says.

    Attributes:
        ready: what the worker said of its network; None while it loads.
        failure: why the latest worker could not load it; empty if it could.
    """

    def __init__(
        self, detector: DetectorSettings, settings: Settings, loop: EventLoop, listener: WorkerListener
    ) -> None:
        super().__init__(settings, loop)
        self._detector = detector
        self._listener = listener
        self._board = ProcessBoard.create()
        self._in_flight: deque[_InFlight] = deque()
        self._attached: set[int] = set()
        self._numbers = count(1)
        self._started_s = 0.0
        self.ready: WorkerReady | None = None
        self.failure = ""

    @property
    def device(self) -> str:
        """Name of the device, as configured."""
        return self._detector.device

    @property
    def has_room(self) -> bool:
        """Whether another batch can be given."""
        return self.ready is not None and len(self._in_flight) < self._settings.batching.batches_in_flight

    def submit(self, frames: Sequence[HeldFrame]) -> None:
        """Give a batch."""
        batch = _InFlight(next(self._numbers), tuple(frames), time.monotonic())
        self._in_flight.append(batch)
        if self._child is not None:
            self._child.send(
                Batch(batch.number, tuple((held.ring.number, held.ref) for held in batch.frames))
            )

    # The RingUser of the cameras.

    def attach(self, ring: DaemonRing) -> None:
        """Batches may name this ring from now on."""
        if self.ready is None or self._child is None or ring.number in self._attached:
            return
        self._attached.add(ring.number)
        if self._child.send(AttachRing(ring.number, ring.ring.layout)):
            self._child.send_fd(ring.ring.segment.fd)

    def detach(self, ring: DaemonRing) -> None:
        """No batch names it any more."""
        if ring.number in self._attached and self._child is not None:
            self._attached.remove(ring.number)
            self._child.send(DetachRing(ring.number))

    # Its life.

    def abandon(self) -> None:
        """Give up what is unanswered: whoever holds the frames is told."""
        lost = self._take_unanswered()
        if lost:
            self._let_go(polite=False)  # it may still be looking at them
            self._listener.worker_ended(lost)

    def close(self) -> None:
        """Hang up, and wait for the end of the process."""
        self._start_at_s = None
        self._let_go(polite=True)
        self._board.close()

    def _spawn(self) -> ChildProcess:
        self._started_s = time.monotonic()
        child = ChildProcess(_MODULE, self._board, hidden=credential_variables(self._settings))
        child.send(WorkerOrders(self._detector))
        return child

    def _hangs(self, child: ChildProcess, now_s: float) -> str | None:
        supervisor = self._settings.supervisor
        if self.ready is None:
            if now_s - self._started_s > supervisor.worker_start_timeout_s:
                return f"its network was not loaded after {supervisor.worker_start_timeout_s:g} s"
            return None
        if child.silent_s(now_s) > self._settings.capture.heartbeat_timeout_s:
            return f"no sign of life for {child.silent_s(now_s):.1f} s"
        if self._in_flight and now_s - self._in_flight[0].since_s > supervisor.worker_timeout_s:
            return f"no answer for {supervisor.worker_timeout_s:g} s"
        return None

    def _after(self, now_s: float, how: str) -> None:
        lost = self._take_unanswered()
        restart_s = self._restart_later(now_s)
        _log.warning(
            "worker ended",
            device=self.device,
            how=self.failure or how,
            frames_lost=len(lost),
            restart_s=round(restart_s, 2),
            degraded=self.policy.degraded,
        )
        self._listener.worker_ended(lost)

    def _take_unanswered(self) -> list[HeldFrame]:
        lost = [held for batch in self._in_flight for held in batch.frames]
        self._in_flight.clear()
        return lost

    def _let_go(self, *, polite: bool) -> None:
        super()._let_go(polite=polite)
        self.ready = None
        self._attached.clear()

    def _hear(self, message: Any) -> None:
        match message:
            case WorkerReady():
                self.ready, self.failure = message, ""
                _log.info(
                    "worker ready",
                    device=self.device,
                    seconds=round(time.monotonic() - self._started_s, 2),
                    network=dict(message.provenance),
                )
                self._listener.worker_ready(message)
            case WorkerFailed(reason):
                self.failure = reason
            case Answer():
                batch = self._in_flight.popleft()
                self._listener.answered(batch.frames, message)
