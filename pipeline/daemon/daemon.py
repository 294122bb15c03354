"""The composition root of the daemon: cameras, devices, database, metrics, and the order in which they start and stop."""

from __future__ import annotations

import gc
import os
import signal
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import structlog

from config.errors import SitewatchError
from pipeline.accounting import DropReason
from pipeline.daemon.cameras import SiteCameras
from pipeline.daemon.dispatcher import Dispatcher
from pipeline.daemon.loop import EventLoop
from pipeline.daemon.metrics import DaemonMetrics
from pipeline.daemon.recorder import RunRecorder
from pipeline.daemon.status import CameraStatus, SiteStatus, WorkerStatus, camera_status
from pipeline.daemon.wall_clock import WallAnchor
from pipeline.ring.board import ReaderActivity
from storage.records import CameraEventBegin, CameraEventEnd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from config.schema import Settings
    from pipeline.camera_health.faults import CameraEvent
    from pipeline.service.notify import ServiceNotifier
    from storage.records import ObservationBatch
    from storage.url import Database

_log = structlog.get_logger("sitewatch.daemon")

_TICK_S = 0.2
"""How often processes are looked after; a frame does not wait for it."""
_READERS_END_S = 1.0


class Daemon:
    """Cameras to database, until told to stop.

    All work is done by the thread that calls :meth:`run`, which must be the main thread; only the database's writer and the
    metrics' server have threads of their own.

    Args:
        settings: of the site.
        database: path of an SQLite file, or URL.
        load: reads the settings again, for :meth:`reload`.
        notifier: tells the service manager.
        anchor: names moments in UTC.

    Raises:
        StorageError: the database cannot be used.
        ConfigError: the metrics' address cannot be listened on.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        load: Callable[[], Settings],
        notifier: ServiceNotifier,
        anchor: WallAnchor | None = None,
    ) -> None:
        self._settings = settings
        self._load = load
        self._notifier = notifier
        self._anchor = anchor or WallAnchor()
        self._status = SiteStatus()
        self._metrics = DaemonMetrics(lambda: self._status)
        self._recorder = RunRecorder(database, settings, self._committed)
        self._loop = EventLoop()
        devices = settings.batching.devices or (settings.detector.device,)
        self._dispatchers = [
            Dispatcher(
                settings.detector.model_copy(update={"device": device}),
                settings,
                self._loop,
                self._recorder,
                self._metrics,
            )
            for device in devices
        ]
        self._cameras = SiteCameras(settings, self._dispatchers, self._loop, self._anchor)
        self._stop_requested = False
        self._reload_requested = False
        self._ready = False
        self._began_s = time.monotonic()
        self._done = -1

    @property
    def status(self) -> SiteStatus:
        """The latest look at everything that is counted."""
        return self._status

    def stop(self) -> None:
        """Stop soon; may be called from a signal handler."""
        self._stop_requested = True

    def reload(self) -> None:
        """Read the settings again soon; may be called from a signal handler."""
        self._reload_requested = True

    def run(self) -> None:
        """Watch the site until told to stop."""
        with ExitStack() as resources:
            close_metrics, port = self._metrics.serve(self._settings.metrics)
            resources.callback(close_metrics)
            resources.callback(self._loop.close)
            resources.enter_context(self._signals())
            _log.info("starting", cameras=len(self._settings.cameras), metrics_port=port)
            for dispatcher in self._dispatchers:
                dispatcher.worker.start()
            self._declare(self._settings)
            # What was imported and built lives as long as the process: the garbage collector need not look at it again.
            gc.freeze()
            try:
                self._work()
            finally:
                self._drain()

    def _work(self) -> None:
        tick_at_s = 0.0
        while not self._stop_requested:
            now_s = time.monotonic()
            if now_s >= tick_at_s:
                self._tick(now_s)
                tick_at_s = now_s + _TICK_S
            self._step(tick_at_s)

    def _step(self, until_s: float) -> None:
        """Dispatch what is due, then sleep until something happens or ``until_s``."""
        now_s = time.monotonic()
        due = [due_s for each in self._dispatchers if (due_s := each.dispatch(now_s)) is not None]
        self._loop.run_once(min([until_s, *due]) - time.monotonic())

    def _tick(self, now_s: float) -> None:
        if self._reload_requested:
            self._reload_requested = False
            self._reload()
        moved = self._anchor.check()
        if moved is not None:
            _log.warning("wall clock was set", moved_s=round(moved.total_seconds(), 3))
        for dispatcher in self._dispatchers:
            dispatcher.worker.tick(now_s)
        self._cameras.tick(now_s)
        for camera in self._cameras:
            for event in camera.tick(now_s):
                self._tell(event)
        self._recorder.tick(now_s)
        self._status = self._look(now_s)
        self._tell_service(now_s)

    def _reload(self) -> None:
        if self._ready:  # before that the service manager waits for another word
            self._notifier.reloading()
        try:
            settings = self._load()
        except SitewatchError as error:
            _log.error("configuration not reloaded: the one before stays", reason=str(error))
        else:
            changed = self._declare(settings)
            others = [
                name
                for name in type(settings).model_fields
                if name != "cameras" and getattr(settings, name) != getattr(self._settings, name)
            ]
            if others:
                _log.warning("sections that need a restart have changed", sections=others)
            _log.info("configuration reloaded", cameras=len(self._cameras), added_or_changed=changed)
        if self._ready:
            self._notifier.ready(self._summary())

    def _declare(self, settings: Settings) -> list[str]:
        """Have these cameras, and those that could be opened in the run."""
        self._recorder.declare({camera.id: camera.address for camera in settings.cameras})
        return self._cameras.declare(settings.cameras)

    # What others are told.

    def _look(self, now_s: float) -> SiteStatus:
        committed, queued = self._recorder.rows
        return SiteStatus(
            cameras=(
                *(camera_status(camera, now_s) for camera in self._cameras),
                *(CameraStatus(name, down=reason) for name, reason in self._cameras.refused.items()),
            ),
            workers=tuple(
                WorkerStatus(each.worker.device, each.worker.ready is not None, each.worker.restarts)
                for each in self._dispatchers
            ),
            committed_rows=committed,
            queued_rows=queued,
            database_failing_s=self._recorder.failing_s,
            wall_clock_steps=self._anchor.steps,
        )

    def _tell_service(self, now_s: float) -> None:
        if not self._ready:
            self._ready = self._is_ready(now_s)
            if self._ready:
                _log.info("ready", seconds=round(now_s - self._began_s, 2))
                self._notifier.ready(self._summary())
            return
        self._notifier.status(self._summary())
        if self._flows():
            self._notifier.watchdog()

    def _is_ready(self, now_s: float) -> bool:
        """The network is loaded, and each camera is open or known to be down; or it has taken long enough."""
        if any(each.worker.ready is None for each in self._dispatchers):
            return False
        waited = now_s - self._began_s >= self._settings.supervisor.start_grace_s
        return waited or (
            self._cameras.complete
            and all(
                camera.activity in {ReaderActivity.WAITING, ReaderActivity.FINISHED}
                or camera.reader_counts.captured
                for camera in self._cameras
            )
        )

    def _flows(self) -> bool:
        """Whether frames were looked at since the last time, or it is known why none was."""
        done = sum(camera.frames.captured - camera.frames.in_flight for camera in self._status.cameras)
        moved, self._done = done != self._done, done
        known = all(
            camera.down is not None or camera.activity is ReaderActivity.FINISHED for camera in self._cameras
        ) or any(each.worker.policy.degraded for each in self._dispatchers)
        return moved or known or not self._recorder.has_room

    def _tell(self, event: CameraEvent) -> None:
        """A camera became unwell, or well again."""
        if event.ended_at is None:
            _log.warning("camera fault", camera=event.camera_id, fault=str(event.fault), detail=event.detail)
            self._recorder.record(
                CameraEventBegin(event.camera_id, str(event.fault), event.began_at, event.detail)
            )
        else:
            _log.info("camera fault over", camera=event.camera_id, fault=str(event.fault))
            self._recorder.record(CameraEventEnd(event.camera_id, str(event.fault), event.ended_at))

    def _summary(self) -> str:
        cameras = self._status.cameras
        up = sum(camera.down is None for camera in cameras)
        processed = sum(camera.frames.processed for camera in cameras)
        return f"{up} of {len(cameras)} cameras up, {processed} frames processed"

    def _committed(self, batches: list[ObservationBatch], at_s: float) -> None:
        """In the writer's thread."""
        now = self._anchor.utc(at_s)
        for batch in batches:
            self._metrics.committed(batch.camera_id, (now - batch.media_time).total_seconds())

    # The end, in this order: no new frames, then those on their way, then what was seen is committed, then the processes.

    def _drain(self) -> None:
        deadline_s = time.monotonic() + self._settings.supervisor.drain_timeout_s
        self._notifier.stopping()
        _log.info("stopping")
        for camera in self._cameras:
            camera.ask_to_end()
        self._until(lambda: all(not camera.reader.alive for camera in self._cameras), _READERS_END_S)
        for camera in self._cameras:
            camera.stop_reading()
        self._until(self._settled, deadline_s - time.monotonic())
        for dispatcher in self._dispatchers:
            dispatcher.worker.abandon()
        self._cameras.close(DropReason.INTERRUPTED)
        for dispatcher in self._dispatchers:
            dispatcher.worker.close()
        frames = {name: past.accounting.counts() for name, past in self._cameras.past.items()}
        damaged = {name: past.accounting.reader.damaged for name, past in self._cameras.past.items()}
        for name, counts in frames.items():
            _log.info(
                "frames",
                camera=name,
                captured=counts.captured,
                processed=counts.processed,
                in_flight=counts.in_flight,
                dropped={str(reason): number for reason, number in counts.dropped.items()},
            )
        ended_at = self._anchor.utc(time.monotonic())
        self._recorder.close(frames, damaged, ended_at, deadline_s - time.monotonic())
        _log.info("stopped")

    def _settled(self) -> bool:
        """Nothing is on its way; frames of cameras that are not part of the run yet have nowhere to go."""
        return all(camera.settled or not self._recorder.knows(camera.id) for camera in self._cameras)

    def _until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Go on with the frames until a condition holds, for a limited time."""
        given_up_s = time.monotonic() + timeout_s
        while not condition() and (now_s := time.monotonic()) < given_up_s:
            for dispatcher in self._dispatchers:
                dispatcher.worker.tick(now_s)
            self._step(min(given_up_s, now_s + _TICK_S))

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT stop, SIGHUP reloads; each wakes the loop."""
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        handlers = {
            signal.SIGTERM: self.stop,
            signal.SIGINT: self.stop,
            signal.SIGHUP: self.reload,
        }

        def handle(number: int, frame: FrameType | None) -> None:
            del frame
            handlers[signal.Signals(number)]()

        before = {number: signal.signal(number, handle) for number in handlers}
        woken_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        self._loop.watch(reading, lambda: _drain_pipe(reading))
        try:
            yield
        finally:
            signal.set_wakeup_fd(woken_before)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._loop.forget(reading)
            os.close(reading)
            os.close(writing)


def _drain_pipe(fd: int) -> None:
    try:
        os.read(fd, 4096)
    except BlockingIOError:
        return
