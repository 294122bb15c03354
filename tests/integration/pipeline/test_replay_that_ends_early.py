"""Replays that do not get to the end: what was seen until then is there, and says that it is a part."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import av
import pytest

from config.errors import (
    DatabaseLocked,
    DecoderStalled,
    InputEmpty,
    Interrupted,
    NoFrames,
    NotAVideo,
    OutputError,
)
from config.loading import load_settings
from models.registry import build_detector
from pipeline.capture.recording import VideoRecording
from pipeline.motchallenge import read_table
from pipeline.replay.camera import ReplayedCamera
from pipeline.replay.interruption import StopRequest
from pipeline.replay.job import ReplayJob
from pipeline.replay.processing import process
from pipeline.replay.progress import SilentProgress
from pipeline.replay.results import Results
from storage.engine import open_database
from storage.records import RunStatus
from storage.repositories.runs import RunRepository
from tests import footage
from tests.footage import Footage
from tests.hung_footage import HungFootage
from tests.replays import only_run, replayed, write_truth

if TYPE_CHECKING:
    from pathlib import Path


class StoppingProgress(SilentProgress):
    """Asks for a stop after so many frames of the piece of work whose name ends with ``task``."""

    def __init__(self, stop: StopRequest, task: str, after: int) -> None:
        self._stop = stop
        self._task = task
        self._left = after
        self._counts = False
        self.said: list[str] = []

    def begin(self, task: str, total: int | None) -> None:
        del total
        self._counts = task.endswith(self._task)

    def advance(self) -> None:
        self._left -= self._counts
        if not self._left:
            self._stop.request()

    def say(self, text: str) -> None:
        self.said.append(text)


def summary_in(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return content


def adds_up(frames: dict[str, Any]) -> bool:
    counted = frames["processed"] + frames["in_flight"] + sum(frames["dropped"].values())
    return bool(frames["captured"] == counted)


def frames_of_video(path: Path) -> list[float]:
    video = VideoRecording(path, "gate")
    try:
        return [frame.time_s for frame in video.frames()]
    finally:
        video.close()


def test_interrupted_while_frames_come(tmp_path: Path) -> None:
    video = Footage(frames=80).write(tmp_path / "gate.mp4")
    stop = StopRequest()
    progress = StoppingProgress(stop, "detect and track", 30)
    result = replayed([video], tmp_path / "out", stop=stop, progress=progress)
    assert isinstance(result.failure, Interrupted)
    assert progress.said == ["finishing: what was seen is written out; stop once more to leave at once"]
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        "sitewatch.db",
        "tracks.txt",
        "annotated.mp4",
        "summary.json",
        "report.html",
    }
    summary = summary_in(out)
    assert summary["complete"] is False
    assert summary["exit_status"] == 130
    gate = summary["cameras"]["gate"]
    assert gate["complete"] is False
    assert gate["incomplete_reason"] == "gate: ended after 30 frames"
    assert gate["frames"]["processed"] == 30
    assert gate["frames"]["dropped"]["interrupted"] > 0
    assert adds_up(gate["frames"])
    assert read_table(out / "tracks.txt").frame.max() == 30
    assert frames_of_video(out / "annotated.mp4") == [index / 10 for index in range(30)]
    with av.open(str(out / "annotated.mp4")) as annotated:
        assert annotated.metadata["comment"] == "gate: ended after 30 frames"
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "INCOMPLETE" in page
    assert "<li>interrupted before the end of the footage" in page
    run = only_run(out / "sitewatch.db")
    assert run.status is RunStatus.INCOMPLETE
    assert run.reason == summary["incomplete_reason"]
    assert run.frames["gate"].processed == 30
    assert run.frames["gate"].captured == gate["frames"]["captured"]


def test_interrupted_is_as_if_the_footage_ended_there(tmp_path: Path) -> None:
    """Gaps are filled all the same, and scores are those of the frames that were seen."""
    lossless: dict[str, Any] = {
        "codec": "ffv1",
        "pixel_format": "bgr0",
        "codec_options": {},
        "hidden": range(20, 24),
    }
    whole = Footage(frames=80, **lossless).write(tmp_path / "gate.mkv")
    (tmp_path / "short").mkdir()
    short = Footage(frames=40, **lossless).write(tmp_path / "short" / "gate.mkv")
    stop = StopRequest()
    stopped = replayed(
        [whole],
        tmp_path / "stopped",
        ground_truth=[write_truth(tmp_path / "long.txt", 80)],
        stop=stop,
        progress=StoppingProgress(stop, "detect and track", 40),
    )
    ended = replayed([short], tmp_path / "ended", ground_truth=[write_truth(tmp_path / "short.txt", 40)])
    assert stopped.failure is not None
    assert ended.failure is None
    one, two = (tmp_path / name / "tracks.txt" for name in ("stopped", "ended"))
    assert one.read_bytes() == two.read_bytes()
    assert stopped.scores == ended.scores
    seen = [result.summary["cameras"]["gate"]["observations"] for result in (stopped, ended)]
    assert seen[0] == seen[1]
    assert seen[0]["interpolated"] == 8
    page = (tmp_path / "stopped" / "report.html").read_text(encoding="utf-8")
    assert "Scores are those of the first 40 frames." in page


def test_interrupted_before_the_first_frame(tmp_path: Path) -> None:
    video = Footage(frames=30).write(tmp_path / "gate.mp4")
    stop = StopRequest()
    stop.request()
    result = replayed([video], tmp_path / "out", stop=stop)
    assert isinstance(result.failure, Interrupted)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "sitewatch.db",
        "summary.json",
        "report.html",
    }
    gate = summary_in(tmp_path / "out")["cameras"]["gate"]
    assert gate["frames"]["processed"] == 0
    assert gate["tracks"] is gate["frame_size"] is None
    assert adds_up(gate["frames"])
    assert only_run(tmp_path / "out" / "sitewatch.db").status is RunStatus.INCOMPLETE


def test_interrupted_while_the_video_is_written(tmp_path: Path) -> None:
    """All frames were seen; the video, which takes longest, ends where it is."""
    videos = [Footage(frames=40).write(tmp_path / name) for name in ("gate.mp4", "yard.mp4")]
    stop = StopRequest()
    progress = StoppingProgress(stop, "gate: annotated video", 15)
    result = replayed(videos, tmp_path / "out", stop=stop, progress=progress)
    assert isinstance(result.failure, Interrupted)
    out = tmp_path / "out"
    assert len(frames_of_video(out / "gate" / "annotated.mp4")) == 15
    assert not (out / "yard" / "annotated.mp4").exists()
    assert read_table(out / "yard" / "tracks.txt").frame.max() == 40
    summary = summary_in(out)
    assert f"{out / 'gate' / 'annotated.mp4'} ends after 15 of 40 frames" in summary["incomplete_reason"]
    assert f"{out / 'yard' / 'annotated.mp4'} was not written" in summary["incomplete_reason"]
    assert [camera["complete"] for camera in summary["cameras"].values()] == [True, True]
    assert only_run(out / "sitewatch.db").reason == summary["incomplete_reason"]


def test_one_of_several_recordings_fails(tmp_path: Path) -> None:
    good = Footage(frames=12).write(tmp_path / "good.mp4")
    folder = footage.write_images(tmp_path / "bad", ["1.png"])
    (folder / "1.png").write_bytes(b"no image")
    last = Footage(frames=15).write(tmp_path / "last.mp4")
    progress = StoppingProgress(StopRequest(), "nothing", 0)
    result = replayed([good, folder, last], tmp_path / "out", progress=progress)
    assert isinstance(result.failure, NoFrames)
    assert str(result.failure).startswith(str(folder))
    assert progress.said == [f"bad failed: {result.failure}"]
    out = tmp_path / "out"
    summary = summary_in(out)
    assert summary["exit_status"] == NoFrames.exit_status
    assert summary["incomplete_reason"] == str(result.failure)
    assert [camera["complete"] for camera in summary["cameras"].values()] == [True, False, True]
    assert summary["cameras"]["bad"]["incomplete_reason"] == str(result.failure)
    assert summary["cameras"]["bad"]["files"] == {}
    for name, frames in (("good", 12), ("last", 15)):
        assert summary["cameras"][name]["frames"]["processed"] == frames
        assert len(frames_of_video(out / name / "annotated.mp4")) == frames
        assert read_table(out / name / "tracks.txt").frame.max() == frames
    assert not (out / "bad").exists()
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "INCOMPLETE" in page
    assert "none of 1 images could be decoded" in page
    run = only_run(out / "sitewatch.db")
    assert run.status is RunStatus.INCOMPLETE
    assert run.reason == str(result.failure)


def test_one_of_several_recordings_cannot_be_opened(tmp_path: Path) -> None:
    cut = footage.cut(Footage(frames=10).write(tmp_path / "whole.mp4"), tmp_path / "cut.mp4", 0.6)
    good = Footage(frames=12).write(tmp_path / "good.mp4")
    result = replayed([cut, good], tmp_path / "out")
    assert isinstance(result.failure, NotAVideo)
    cameras = summary_in(tmp_path / "out")["cameras"]
    assert cameras["cut"]["incomplete_reason"] == str(result.failure)
    assert cameras["cut"]["frames"] == {"captured": 0, "processed": 0, "in_flight": 0, "dropped": {}}
    assert cameras["good"]["complete"]
    assert len(frames_of_video(tmp_path / "out" / "good" / "annotated.mp4")) == 12
    run = only_run(tmp_path / "out" / "sitewatch.db")
    assert run.reason == str(result.failure)
    assert run.frames["good"].processed == 12


def test_nothing_is_touched_when_none_of_several_can_be_opened(tmp_path: Path) -> None:
    for name in ("one.mp4", "two.mp4"):
        (tmp_path / name).touch()
    with pytest.raises(InputEmpty, match=r"one\.mp4 has zero bytes"):
        replayed([tmp_path / "one.mp4", tmp_path / "two.mp4"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_all_of_several_recordings_fail(tmp_path: Path) -> None:
    folders = [footage.write_images(tmp_path / name, ["1.png"]) for name in ("one", "two")]
    for folder in folders:
        (folder / "1.png").write_bytes(b"no image")
    result = replayed(folders, tmp_path / "out")
    assert isinstance(result.failure, NoFrames)
    headline, *lines = str(result.failure).splitlines()
    assert headline == "2 things failed:"
    assert [line.split(":")[0].strip() for line in lines] == [str(folder) for folder in folders]
    assert (tmp_path / "out" / "report.html").exists()


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    video = Footage(frames=12).write(tmp_path / "gate.mp4")
    (tmp_path / "out" / "annotated.mp4").mkdir(parents=True)
    result = replayed([video], tmp_path / "out")
    assert isinstance(result.failure, OutputError)
    assert "annotated.mp4" in str(result.failure)
    run = only_run(tmp_path / "out" / "sitewatch.db")
    assert run.status is RunStatus.INCOMPLETE
    assert run.reason == str(result.failure)
    assert (tmp_path / "out" / "tracks.txt").stat().st_size > 0
    summary = summary_in(tmp_path / "out")
    assert summary["incomplete_reason"] == str(result.failure)
    assert summary["cameras"]["gate"]["files"] == {"tracks": "tracks.txt"}
    assert "annotated.mp4: cannot be written" in (tmp_path / "out" / "report.html").read_text(
        encoding="utf-8"
    )


def test_pages_that_cannot_be_written(tmp_path: Path) -> None:
    video = Footage(frames=12).write(tmp_path / "gate.mp4")
    for name in ("report.html", "summary.json"):
        (tmp_path / "out" / name).mkdir(parents=True)
    result = replayed([video], tmp_path / "out")
    assert isinstance(result.failure, OutputError)
    assert "report.html" in str(result.failure)
    assert "summary.json" in str(result.failure)
    assert {path.name for path in result.files} == {"annotated.mp4", "tracks.txt"}


def test_a_database_that_locks_in_the_middle(tmp_path: Path) -> None:
    """Another process takes the write lock after the first rows were committed, and keeps it."""
    videos = [Footage(frames=300).write(tmp_path / name) for name in ("gate.mp4", "yard.mp4")]
    database = tmp_path / "out" / "sitewatch.db"
    locks: list[sqlite3.Connection] = []

    class LockingProgress(SilentProgress):
        def advance(self) -> None:
            if locks:
                return
            connection = sqlite3.connect(database, check_same_thread=False, timeout=30)
            (rows,) = connection.execute("SELECT count(*) FROM observations").fetchone()
            if rows:
                connection.execute("BEGIN IMMEDIATE")
                locks.append(connection)
            else:
                connection.close()

    result = replayed(
        videos,
        tmp_path / "out",
        "storage.lock_timeout_s=0.2",
        "storage.write_interval_s=0.02",
        progress=LockingProgress(),
    )
    assert isinstance(result.failure, DatabaseLocked)
    summary = summary_in(tmp_path / "out")
    assert summary["exit_status"] == DatabaseLocked.exit_status
    assert str(result.failure) in summary["incomplete_reason"]
    gate, yard = summary["cameras"].values()
    assert 0 < gate["frames"]["processed"] < 300
    assert adds_up(gate["frames"])
    assert yard["incomplete_reason"] == "yard: not replayed"
    table = read_table(tmp_path / "out" / "gate" / "tracks.txt")
    assert 0 < len(table) == sum(gate["observations"].values())
    seen = frames_of_video(tmp_path / "out" / "gate" / "annotated.mp4")
    assert len(seen) == gate["frames"]["processed"]
    assert only_run(database).status is RunStatus.RUNNING  # it could not be marked
    locks[0].rollback()
    locks[0].close()


def test_a_decoder_that_hangs(tmp_path: Path) -> None:
    """Its camera keeps what was seen, but is not read again for a video; the next recording is replayed."""
    settings = load_settings(
        overrides=("detector.name=stub", "replay.decoder_timeout_s=0.3"), environment={}
    ).settings
    hung = HungFootage(camera_id="hung", frames_before=25)
    good = VideoRecording(Footage(frames=12).write(tmp_path / "good.mp4"), "good")
    engine = open_database(tmp_path / "site.db")
    run_id = RunRepository(engine).start(
        cameras={"hung": "hung.mp4", "good": "good.mp4"}, config={}, weights={}, version="0"
    )
    try:
        with ReplayedCamera(hung) as first, ReplayedCamera(good) as second:
            job = ReplayJob(
                run_id,
                tmp_path / "out",
                settings,
                [first, second],
                build_detector(settings.detector),
                engine,
                StopRequest(),
                SilentProgress(),
            )
            (tmp_path / "out").mkdir()
            process(job)
            result = Results(job, "site.db").write()
    finally:
        hung.released.set()
        engine.dispose()
    assert isinstance(result.failure, DecoderStalled)
    assert hung.readings == 1
    cameras = result.summary["cameras"]
    assert cameras["hung"]["frames"] == {"captured": 25, "processed": 25, "in_flight": 0, "dropped": {}}
    assert cameras["hung"]["incomplete_reason"] == str(result.failure)
    assert cameras["hung"]["files"] == {"tracks": "hung/tracks.txt"}
    assert cameras["good"]["frames"]["processed"] == 12
    assert (tmp_path / "out" / "good" / "annotated.mp4").exists()
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "The decoder hung, so there is no annotated video" in page
