"""The worker process of a device, kept alive: given batches, listened to, killed when it hangs, started again."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Protocol

import structlog

from pipeline.daemon.child import ChildProcess, credential_variables
from pipeline.daemon.restart_policy import RestartPolicy
from pipeline.device.messages import (
    Answer,
    AttachRing,
    Batch,
    DetachRing,
    WorkerFailed,
    WorkerOrders,
    WorkerReady,
)
from pipeline.ring.board import ReaderBoard

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


class DeviceWorker:
    """One worker process after another for one device.

    Args:
        detector: which network, on which device.
        settings: time-outs and restarts.
        loop: watches the line.
        listener: told of what it says.

    Attributes:
        ready: what the worker said of its network; None while it loads.
        failure: why the latest worker could not load it; empty if it could.
        restarts: how often a process was started in place of one that had ended.
        policy: when it is started again.
    """

    def __init__(
        self, detector: DetectorSettings, settings: Settings, loop: EventLoop, listener: WorkerListener
    ) -> None:
        self._detector = detector
        self._settings = settings
        self._loop = loop
        self._listener = listener
        self._board = ReaderBoard.create()
        self._child: ChildProcess | None = None
        self._in_flight: deque[_InFlight] = deque()
        self._attached: set[int] = set()
        self._numbers = count(1)
        self._started_s = 0.0
        self._start_at_s: float | None = None
        self.ready: WorkerReady | None = None
        self.failure = ""
        self.restarts = 0
        self.policy = RestartPolicy(settings.supervisor)

    @property
    def device(self) -> str:
        """Name of the device, as configured."""
        return self._detector.device

    @property
    def pid(self) -> int | None:
        """Process id; None while there is no process."""
        return self._child.pid if self._child is not None else None

    @property
    def has_room(self) -> bool:
        """Whether another batch can be given."""
        return self.ready is not None and len(self._in_flight) < self._settings.batching.batches_in_flight

    @property
    def idle(self) -> bool:
        """Whether no batch is with it."""
        return not self._in_flight

    def start(self) -> None:
        """Start a process."""
        self._start_at_s = None
        self._started_s = time.monotonic()
        self._child = ChildProcess(_MODULE, self._board, hidden=credential_variables(self._settings))
        self._child.send(WorkerOrders(self._detector))
        self._loop.watch(self._child.line.fileno(), self._receive)

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

    def tick(self, now_s: float) -> None:
        """Look after the process: kill it if it hangs, start it again if it is time."""
        if self._child is None:
            if self._start_at_s is not None and now_s >= self._start_at_s:
                self.restarts += 1
                self.start()
            return
        status = self._child.exit_status
        if status is not None:
            self._ended(now_s, f"ended with status {status}")
        elif (reason := self._hangs(now_s)) is not None:
            self._child.kill()
            self._ended(now_s, f"was killed: {reason}")

    def abandon(self) -> None:
        """Give up what is unanswered: whoever holds the frames is told."""
        lost = [held for batch in self._in_flight for held in batch.frames]
        self._in_flight.clear()
        if lost:
            self._let_go(polite=False)  # it may still be looking at them
            self._listener.worker_ended(lost)

    def close(self) -> None:
        """Hang up, and wait for the end of the process."""
        self._start_at_s = None
        self._let_go(polite=True)
        self._board.close()

    def _hangs(self, now_s: float) -> str | None:
        assert self._child is not None  # noqa: S101  tick has looked
        supervisor = self._settings.supervisor
        if self.ready is None:
            if now_s - self._started_s > supervisor.worker_start_timeout_s:
                return f"its network was not loaded after {supervisor.worker_start_timeout_s:g} s"
            return None
        if self._child.silent_s(now_s) > self._settings.capture.heartbeat_timeout_s:
            return f"no sign of life for {self._child.silent_s(now_s):.1f} s"
        if self._in_flight and now_s - self._in_flight[0].since_s > supervisor.worker_timeout_s:
            return f"no answer for {supervisor.worker_timeout_s:g} s"
        return None

    def _ended(self, now_s: float, how: str) -> None:
        self._let_go(polite=False)
        lost = [held for batch in self._in_flight for held in batch.frames]
        self._in_flight.clear()
        self._start_at_s = self.policy.ended(now_s)
        _log.warning(
            "worker ended",
            device=self.device,
            how=self.failure or how,
            frames_lost=len(lost),
            restart_s=round(self._start_at_s - now_s, 2),
            degraded=self.policy.degraded,
        )
        self._listener.worker_ended(lost)

    def _let_go(self, *, polite: bool) -> None:
        child, self._child = self._child, None
        self.ready = None
        self._attached.clear()
        if child is not None:
            self._loop.forget(child.line.fileno())
            if polite:
                child.ask_to_end()
            else:
                child.kill()
            child.close()

    def _receive(self) -> None:
        child = self._child
        if child is None:
            return
        try:
            message = child.line.recv()
        except (EOFError, OSError):  # it ended; the next tick finds out how
            self._loop.forget(child.line.fileno())
            return
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
