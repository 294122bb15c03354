"""The machine's clock is set back and forward by an hour: frames and tracks go on, rows carry the new time."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import httpx
import pytest

from config.loading import load_settings
from pipeline.daemon.daemon import Daemon
from pipeline.daemon.wall_clock import WallAnchor
from pipeline.service.notify import ServiceNotifier
from tests.acted_footage import write_pictures
from tests.daemons import write_config
from tests.footage import scene
from tests.rtsp import free_port
from tests.stored_rows import check_ended_well, check_stored, media_times

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOUR = timedelta(hours=1)
ROWS = 40


class MovableClock:
    """A wall clock that can be set."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


class Operator(threading.Thread):
    """Sets the clock while a daemon works, and then stops it.

    Attributes:
        began: UTC time of the first setting, by the real clock.
        metrics: the page of the metrics, after all settings.
        error: what went wrong in the thread.
    """

    def __init__(self, daemon: Daemon, clock: MovableClock, port: int) -> None:
        super().__init__()
        self._daemon = daemon
        self._clock = clock
        self._port = port
        self.began: datetime | None = None
        self.metrics = ""
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - the test's thread tells of it
            self.error = error
        finally:
            self._daemon.stop()

    def _work(self) -> None:
        self._wait_for_rows()
        self.began = datetime.now(UTC)
        for offset in (-HOUR, HOUR):
            self._clock.offset = offset
            self._wait_for_step(self._daemon.status.wall_clock_steps)
            self._wait_for_rows()
        self.metrics = httpx.get(f"http://127.0.0.1:{self._port}/metrics").text

    def _wait_for_step(self, before: int) -> None:
        self._wait(lambda: self._daemon.status.wall_clock_steps == before + 1, 2)

    def _wait_for_rows(self) -> None:
        before = self._daemon.status.committed_rows
        self._wait(lambda: self._daemon.status.committed_rows >= before + ROWS, 20)

    @staticmethod
    def _wait(condition: Callable[[], bool], timeout_s: float) -> None:
        until_s = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < until_s
            time.sleep(0.05)


def test_set_back_and_forward(tmp_path: Path) -> None:
    standing = write_pictures(tmp_path / "standing.mp4", [scene(0, walkers=1)] * 20)
    port = free_port()
    write_config(tmp_path / "site.yaml", [{"id": "gate", "source": str(standing)}], metrics={"port": port})
    settings = load_settings(tmp_path / "site.yaml").settings
    clock = MovableClock()
    daemon = Daemon(
        settings,
        tmp_path / "site.db",
        load=lambda: settings,
        notifier=ServiceNotifier(),
        anchor=WallAnchor(wall=clock.now),
    )
    operator = Operator(daemon, clock, port)
    operator.start()
    try:
        daemon.run()
    finally:
        operator.join()
    assert operator.error is None
    assert operator.began is not None
    assert "sitewatch_wall_clock_steps_total 2.0" in operator.metrics
    assert 'sitewatch_tracks_total{camera="gate"} 1.0' in operator.metrics  # nobody is new because of it

    check_ended_well(tmp_path / "site.db")
    assert check_stored(tmp_path / "site.db") >= 3 * ROWS
    times = media_times(tmp_path / "site.db", "gate")
    for offset in (timedelta(), -HOUR, HOUR):
        named_so = [at for at in times if abs(at - operator.began - offset) < HOUR / 2]
        assert len(named_so) >= ROWS - 2  # frames that were under way carry the old time
        distances = [(after - before).total_seconds() for before, after in pairwise(named_so)]
        assert max(distances) == pytest.approx(0.1, abs=0.15)  # none was lost
