"""``sitewatch run``: from cameras to rows, and a clean end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from storage.records import RunStatus
from tests.command import sitewatch
from tests.daemons import READER, WORKER, running_daemon

if TYPE_CHECKING:
    from pathlib import Path


def test_cameras_become_rows(tmp_path: Path, walk: Path) -> None:
    cameras: list[dict[str, Any]] = [
        {"id": "gate", "source": str(walk)},
        {"id": "dock", "source": str(walk), "max_rate_hz": 3},
    ]
    with running_daemon(tmp_path, cameras) as daemon:
        daemon.wait(lambda: daemon.figures().committed_rows > 20, 30)
        assert len(daemon.children(READER)) == 2
        assert len(daemon.children(WORKER)) == 1
        daemon.wait(lambda: daemon.processed()["dock"] >= 6, 10)
        figures = daemon.figures()
        assert daemon.stop() < 10
    run = daemon.runs()[-1]
    assert run.status is RunStatus.COMPLETE
    assert run.weights["detector"]["network"] == "stub"
    for name, frames in run.frames.items():
        assert frames.in_flight == 0
        assert frames.captured == frames.processed + sum(frames.dropped.values())
        assert frames.captured >= figures.cameras[name].captured
    assert run.frames["dock"].dropped["rate_limited"] > run.frames["dock"].processed
    with closing(sqlite3.connect(daemon.database)) as connection:
        rows = connection.execute(
            "SELECT count(*), count(DISTINCT track_id || ':' || frame_index) FROM observations"
        )
        observations, distinct = rows.fetchone()
        assert observations == distinct >= figures.committed_rows
        at = connection.execute("SELECT min(media_time), max(media_time) FROM observations").fetchone()
    assert (at[1] - at[0]) / 1e6 < 60  # wall-clock times of now, not of 1970
    assert at[0] / 1e6 > 1.7e9


def test_a_recording_played_fast_loses_no_frame(tmp_path: Path, walk: Path) -> None:
    with running_daemon(tmp_path, [{"id": "gate", "source": str(walk), "playback": "fast"}]) as daemon:
        daemon.wait(lambda: daemon.log("recording over"), 30)
        daemon.wait(lambda: daemon.processed()["gate"] == 100, 10)
        daemon.stop()
    assert dict(daemon.runs()[-1].frames["gate"].dropped) == {}


def test_a_recording_played_once_ends_and_the_daemon_goes_on(tmp_path: Path, walk: Path) -> None:
    with running_daemon(tmp_path, [{"id": "gate", "source": str(walk), "playback": "once"}]) as daemon:
        took = daemon.wait(lambda: daemon.log("recording over"), 30)
        assert took > 8  # it is as slow as the camera was
        assert not daemon.children(READER) or daemon.wait(lambda: not daemon.children(READER), 3)
        daemon.stop()
    assert daemon.runs()[-1].frames["gate"].captured == 100


def test_a_second_daemon_is_refused(tmp_path: Path, walk: Path) -> None:
    with running_daemon(tmp_path, [{"id": "gate", "source": str(walk)}]) as daemon:
        daemon.wait(lambda: daemon.log("starting"), 20)
        second = sitewatch(
            "run",
            "--config",
            daemon.config,
            STATE_DIRECTORY=str(tmp_path / "b"),
            RUNTIME_DIRECTORY=str(tmp_path / "run"),
        )
        assert second.returncode == 52
        assert f"process {daemon.process.pid}" in second.stderr
        daemon.stop()


def test_without_cameras_it_says_so(tmp_path: Path) -> None:
    ended = sitewatch("run", RUNTIME_DIRECTORY=str(tmp_path))
    assert ended.returncode == 10
    assert "no camera is configured" in ended.stderr


@pytest.mark.parametrize("command", ["status", "reload"])
def test_status_and_reload_without_a_daemon(tmp_path: Path, command: str) -> None:
    arguments = ["--once", "--set", "metrics.port=1"] if command == "status" else []
    ended = sitewatch(command, *arguments, RUNTIME_DIRECTORY=str(tmp_path / "none"))
    assert ended.returncode == 53
    assert "daemon" in ended.stderr


def test_status_shows_cameras(tmp_path: Path, walk: Path) -> None:
    cameras = [{"id": "gate", "source": str(walk)}, {"id": "gone", "source": str(tmp_path / "no.mp4")}]
    with running_daemon(tmp_path, cameras) as daemon:
        daemon.wait(lambda: daemon.figures().committed_rows > 5, 30)
        port = daemon.log("starting")[-1]["metrics_port"]
        shown = sitewatch("status", "--url", f"http://127.0.0.1:{port}/metrics").stdout
        daemon.stop()
    assert "gate" in shown
    assert "down" in shown
    assert "worker auto: ready" in shown
