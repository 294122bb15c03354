"""``sitewatch replay`` as an operator meets it: what it prints, how it ends, and what is left when it is stopped."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from pipeline.capture.recording import VideoRecording
from storage.engine import open_database
from storage.records import RunStatus
from storage.repositories.runs import RunRepository
from storage.repositories.tracks import TrackRepository
from tests import footage
from tests.command import COMMAND
from tests.footage import Footage
from tests.replays import ROOT, run_command, start_command

if TYPE_CHECKING:
    from pathlib import Path

    from storage.records import RunRecord

ALL_FILES = {"sitewatch.db", "report.html", "annotated.mp4", "tracks.txt", "summary.json"}


@pytest.fixture(scope="module")
def long_walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Longer than it takes to stop a replay of it."""
    return Footage(frames=6000).write(tmp_path_factory.mktemp("footage") / "walk.mp4")


def wait_for_rows(process: subprocess.Popen[str], database: Path) -> None:
    """Until the replay has committed observations."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the replay ended before it could be stopped"
        if database.exists():
            with closing(sqlite3.connect(database)) as connection:
                try:
                    if connection.execute("SELECT count(*) FROM observations").fetchone()[0]:
                        return
                except sqlite3.OperationalError:
                    pass
        time.sleep(0.05)
    pytest.fail("no observation was committed within a minute")


def runs_of(database: Path) -> list[RunRecord]:
    engine = open_database(database)
    try:
        return RunRepository(engine).list()
    finally:
        engine.dispose()


def test_the_summary_it_ends_with(tmp_path: Path) -> None:
    video = footage.damage(Footage(frames=40).write(tmp_path / "whole.mp4"), tmp_path / "gate.mp4")
    status, stdout, stderr = run_command(video, "--out", tmp_path / "out")
    assert status == 0
    lines = stdout.splitlines()
    assert lines[0].startswith("gate: ")
    assert "in flight + 0 dropped" in lines[0]
    assert "2 tracks in " in lines[1]
    assert "frames/s" in lines[2]
    written = [line.removeprefix("wrote ") for line in lines if line.startswith("wrote ")]
    assert written == [
        str(tmp_path / "out" / name)
        for name in ("report.html", "annotated.mp4", "tracks.txt", "summary.json")
    ]
    assert lines[-1] == f"run 1 in {tmp_path / 'out' / 'sitewatch.db'}"
    said = [line for line in stderr.splitlines() if not line.startswith("gate: ")]
    assert said == []  # nothing of FFmpeg's, though the recording is damaged


def test_options(tmp_path: Path) -> None:
    folder = footage.write_images(tmp_path / "yard", [f"{index}.png" for index in range(12)])
    database = tmp_path / "site.db"
    status, _, stderr = run_command(
        folder, "--out", tmp_path / "out", "--online", "--no-video", "--database", f"sqlite:///{database}",
        "--start-time", "2026-11-24T03:00:00+01:00", "--set", "replay.image_rate_hz=4",
    )  # fmt: skip
    assert status == 0, stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "report.html",
        "tracks.txt",
        "summary.json",
    }
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["mode"] == "online"
    assert summary["cameras"]["yard"]["started_at"] == "2026-11-24T02:00:00+00:00"
    assert summary["cameras"]["yard"]["duration_s"] == 2.75
    assert [run.status for run in runs_of(database)] == [RunStatus.COMPLETE]


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("missing.mp4", 20, "no such file"),
        ("empty.mp4", 21, "zero bytes"),
        ("folder", 21, "holds no image"),
        ("notes.mp4", 22, "is no video that FFmpeg can open"),
        ("cut.mp4", 22, "index that was never written"),
        ("sound.mp4", 23, "only: audio"),
        ("nothing.mp4", 24, "without any stream"),
        ("pipe.mp4", 25, "is a pipe"),
    ],
)
def test_one_line_and_a_status_of_its_own(tmp_path: Path, name: str, status: int, words: str) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "notes.mp4").write_text("14:02 a man at the gate\n" * 20, encoding="ascii")
    footage.write_sound_only(tmp_path / "sound.mp4")
    footage.write_without_frames(tmp_path / "nothing.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    footage.cut(Footage(frames=10).write(tmp_path / "whole.mp4"), tmp_path / "cut.mp4", 0.6)
    ended, stdout, stderr = run_command(tmp_path / name, "--out", tmp_path / "out")
    assert ended == status
    assert stdout == ""
    (line,) = stderr.splitlines()
    assert line.startswith("sitewatch: ")
    assert name in line
    assert words in line
    assert not (tmp_path / "out").exists()


def test_wrong_use(tmp_path: Path) -> None:
    video = Footage(frames=2).write(tmp_path / "gate.mp4")
    assert run_command()[0] == 2
    status, _, stderr = run_command(video, video, "--ground-truth", tmp_path / "gt.txt")
    assert status == 2
    assert "2 recordings need as many --ground-truth" in stderr
    status, _, stderr = run_command(video, "--start-time", "2026-11-24T03:00:00")
    assert status == 10
    assert "has no time zone" in stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_a_signal(tmp_path: Path, long_walk: Path, number: signal.Signals) -> None:
    out = tmp_path / "out"
    process = start_command(long_walk, "--out", out, "--set", "storage.write_interval_s=0.05")
    wait_for_rows(process, out / "sitewatch.db")
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "finishing: what was seen is written out" in stderr
    assert stderr.splitlines()[-1].startswith("sitewatch: interrupted before the end of the footage")
    assert stdout.splitlines()[-1] == f"incomplete run 1 in {out / 'sitewatch.db'}"
    assert {path.name for path in out.iterdir()} == ALL_FILES
    (run,) = runs_of(out / "sitewatch.db")
    assert run.status is RunStatus.INCOMPLETE
    counts = run.frames["walk"]
    assert 0 < counts.processed < 6000
    assert counts.captured == counts.processed + sum(counts.dropped.values())
    assert f"walk: {counts.captured} frames captured = {counts.processed} processed" in stdout
    video = VideoRecording(out / "annotated.mp4", "walk")
    assert sum(1 for _ in video.frames()) == counts.processed
    video.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_twice(tmp_path: Path, long_walk: Path, number: signal.Signals) -> None:
    """Who does not want to wait for the video has all but the video."""
    out = tmp_path / "out"
    process = start_command(long_walk, "--out", out, "--set", "storage.write_interval_s=0.05")
    wait_for_rows(process, out / "sitewatch.db")
    time.sleep(1)  # the more was seen, the longer the video takes
    process.send_signal(number)
    deadline = time.monotonic() + 60
    while not (out / "summary.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stderr.splitlines()[-1] == "sitewatch: interrupted"
    assert {path.name for path in out.iterdir()} == ALL_FILES - {"annotated.mp4"}
    (run,) = runs_of(out / "sitewatch.db")
    assert run.status is RunStatus.INCOMPLETE
    assert run.reason is not None
    assert run.reason.startswith("interrupted before the end of the footage")
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["exit_status"] == 130
    assert summary["cameras"]["walk"]["files"] == {"tracks": "tracks.txt"}


def test_one_of_several_fails(tmp_path: Path) -> None:
    good = Footage(frames=12).write(tmp_path / "good.mp4")
    folder = footage.write_images(tmp_path / "bad", ["1.png"])
    (folder / "1.png").write_bytes(b"no image")
    status, stdout, stderr = run_command(folder, good, "--out", tmp_path / "out")
    assert status == 24
    assert "good: 12 frames captured = 12 processed" in stdout
    assert f"wrote {tmp_path / 'out' / 'good' / 'annotated.mp4'}" in stdout
    said = [line for line in stderr.splitlines() if "sitewatch: " in line]
    assert said == [f"sitewatch: {folder}: none of 1 images could be decoded; check the files"]


def test_killed(tmp_path: Path, long_walk: Path) -> None:
    out = tmp_path / "out"
    process = start_command(long_walk, "--out", out, "--set", "storage.write_interval_s=0.05")
    wait_for_rows(process, out / "sitewatch.db")
    process.kill()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    engine = open_database(out / "sitewatch.db")
    observations = list(TrackRepository(engine).iter_observations(1, "walk"))
    engine.dispose()
    assert observations
    status, _, _ = run_command(Footage(frames=5).write(tmp_path / "next.mp4"), "--out", out)
    assert status == 0
    killed, following = runs_of(out / "sitewatch.db")
    assert killed.status is RunStatus.INCOMPLETE
    assert following.status is RunStatus.COMPLETE


def test_a_full_disk(tmp_path: Path) -> None:
    """A limit on the size of a file stands for a disk without space: the kernel refuses to write more."""
    noise = np.random.default_rng(0).integers(0, 120, (40, 240, 320, 3), np.uint8)
    for index, image in enumerate(noise):  # too dark for the stub detector; nothing makes a larger video
        cv2.imwrite(str(tmp_path / f"{index}.png"), image)
    out = tmp_path / "out"
    limit = 300_000

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = subprocess.run(
        [*COMMAND, "replay", "--set", "detector.name=stub", str(tmp_path), "--out", str(out)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
        preexec_fn=limited,
    )
    assert process.returncode == 44, process.stderr
    assert "no space left" in process.stderr
    (run,) = runs_of(out / "sitewatch.db")
    assert run.status is RunStatus.INCOMPLETE
    assert run.frames[tmp_path.name].processed == 40
    assert {path.name for path in out.iterdir()} == ALL_FILES - {"annotated.mp4"}
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert "annotated.mp4: no space left on the disk" in summary["incomplete_reason"]
    assert summary["exit_status"] == 44
