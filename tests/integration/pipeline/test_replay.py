"""Whole replays of footage that the test draws, with the stub detector."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from config.errors import DatabaseLocked, DatabaseTooNew, InputNotFound
from pipeline.capture.recording import VideoRecording
from pipeline.motchallenge import read_table
from storage.engine import Access, open_database
from storage.records import ObservationOrigin, RunStatus
from storage.repositories.runs import RunRepository
from storage.repositories.tracks import TrackRepository
from tests import footage
from tests.darknet_files import HEADER
from tests.footage import BODY, Footage
from tests.replays import only_run, replayed, write_truth

if TYPE_CHECKING:
    from pathlib import Path


def rows(database: Path) -> list[tuple[Any, ...]]:
    """All that a database holds, apart from the declared metadata of runs."""
    with closing(sqlite3.connect(database)) as connection:
        return [
            *connection.execute("SELECT id, status, reason, version, config, weights FROM runs"),
            *connection.execute("SELECT * FROM cameras"),
            *connection.execute("SELECT * FROM run_cameras"),
            *connection.execute("SELECT * FROM tracks ORDER BY id"),
            *connection.execute("SELECT * FROM observations ORDER BY track_id, media_time"),
        ]


def test_everything_is_written(tmp_path: Path) -> None:
    video = Footage(frames=40).write(tmp_path / "gate.mp4")
    result = replayed([video], tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"report.html", "annotated.mp4", "tracks.txt", "summary.json", "sitewatch.db"}
    assert result.incomplete is None
    assert all(path.is_file() for path in result.files)

    run = only_run(tmp_path / "out" / "sitewatch.db")
    assert run.status is RunStatus.COMPLETE
    assert run.frames["gate"].captured == run.frames["gate"].processed == 40
    assert run.config["cameras"][0]["id"] == "gate"
    assert run.weights["detector"]["network"] == "stub"

    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    gate = summary["cameras"]["gate"]
    assert gate["frames"] == {"captured": 40, "processed": 40, "in_flight": 0, "dropped": {}}
    table = read_table(tmp_path / "out" / "tracks.txt")
    assert sum(gate["observations"].values()) == len(table) == 80
    assert gate["tracks"] == len(np.unique(table.id)) == 2
    assert gate["refused_boxes"] == 0
    assert gate["observations"]["backfilled"] > 0


def test_the_annotated_video_has_the_times_and_pictures_of_the_recording(tmp_path: Path) -> None:
    pts = [0, 1, 2, 3, 7, 8, 9, 30, 31, 32]
    video = Footage(frames=10, pts=pts, size=(161, 121), pixel_format="yuv444p").write(tmp_path / "gate.mkv")
    replayed([video], tmp_path / "out")
    annotated = VideoRecording(tmp_path / "out" / "annotated.mp4", "gate")
    frames = list(annotated.frames())
    assert [frame.time_s for frame in frames] == [value / 10 for value in pts]
    assert frames[0].image.shape == (122, 162, 3)
    drawn = frames[6].image[:121, :161].astype(int) - footage.scene(6, (161, 121))
    assert (np.abs(drawn) > 60).sum() > 50


def test_twice_the_same_byte_for_byte(tmp_path: Path) -> None:
    whole = Footage(frames=60).write(tmp_path / "whole.mp4")
    video = footage.damage(whole, tmp_path / "gate.mp4")
    truth = write_truth(tmp_path / "gt.txt", 60)
    for out in ("one", "two"):
        replayed([video], tmp_path / out, ground_truth=[truth])
    one, two = tmp_path / "one", tmp_path / "two"
    assert rows(one / "sitewatch.db") == rows(two / "sitewatch.db")
    for name in ("tracks.txt", "annotated.mp4"):
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
    summaries = [json.loads((out / "summary.json").read_text(encoding="utf-8")) for out in (one, two)]
    for summary in summaries:
        del summary["run_metadata"]
    assert json.dumps(summaries[0]) == json.dumps(summaries[1])
    reports = [declared_removed((out / "report.html").read_text(encoding="utf-8")) for out in (one, two)]
    assert reports[0] == reports[1]


def declared_removed(page: str) -> str:
    before, begin, rest = page.partition("<!-- run metadata: begin -->")
    _, end, after = rest.partition("<!-- run metadata: end -->")
    assert begin
    assert end
    return before + after


def test_online_is_what_the_second_look_calls_online(tmp_path: Path) -> None:
    video = Footage(frames=60).write(tmp_path / "gate.mp4")
    truth = write_truth(tmp_path / "gt.txt", 60)
    looked = replayed([video], tmp_path / "looked", ground_truth=[truth])
    online = replayed([video], tmp_path / "online", "replay.second_look=false", ground_truth=[truth])
    assert list(looked.scores["gate"]) == ["online", "second look"]
    assert list(online.scores["gate"]) == ["online"]
    assert looked.scores["gate"]["online"] == online.scores["gate"]["online"]
    assert looked.scores["gate"]["second look"].recall > online.scores["gate"]["online"].recall
    seen = online.summary["cameras"]["gate"]["observations"]
    assert seen["backfilled"] == seen["interpolated"] == 0
    assert seen["detected"] == looked.summary["cameras"]["gate"]["observations"]["detected"]


def test_gaps_are_filled_at_the_times_of_their_frames(tmp_path: Path) -> None:
    """A walker is hidden for some frames of a recording of variable rate."""
    pts = [*range(20), 22, 25, 26, *range(28, 45)]
    made = Footage(frames=40, pts=pts, walkers=1, hidden=range(19, 23))
    replayed([made.write(tmp_path / "gate.mkv")], tmp_path / "out", "tracker.start_score=0.5")
    engine = open_database(tmp_path / "out" / "sitewatch.db", access=Access.READ)
    (track,) = TrackRepository(engine).iter_tracks()
    engine.dispose()
    filled = [origin is ObservationOrigin.INTERPOLATED for origin in track.origin]
    assert {19, 20, 21, 22} <= set(track.frame_index[filled].tolist())
    assert track.media_time_us.tolist() == [value * 100_000 for value in pts]
    centre = track.xyxy[:, [0, 2]].mean(axis=1)
    assert np.abs(centre - (10 + BODY[0] / 2 + 2 * np.arange(40))).max() < 6


def test_several_recordings_are_cameras_of_one_run(tmp_path: Path) -> None:
    first = Footage(frames=12).write(tmp_path / "gate.mp4")
    (tmp_path / "other").mkdir()
    second = Footage(frames=15, size=(96, 64), walkers=1).write(tmp_path / "other" / "gate.mkv")
    third = footage.write_images(tmp_path / "yard", ["1.png", "2.png", "3.png", "4.png"])
    result = replayed([first, second, third], tmp_path / "out")
    run = only_run(tmp_path / "out" / "sitewatch.db")
    assert {name: counts.processed for name, counts in run.frames.items()} == {
        "gate": 12,
        "gate-2": 15,
        "yard": 4,
    }
    for name in ("gate", "gate-2", "yard"):
        assert {path.name for path in (tmp_path / "out" / name).iterdir()} == {"annotated.mp4", "tracks.txt"}
    assert result.summary["cameras"]["gate-2"]["files"]["tracks"] == "gate-2/tracks.txt"


def test_time_of_the_first_frame_reaches_the_database(tmp_path: Path) -> None:
    video = Footage(frames=12, metadata={"creation_time": "2026-03-01T22:15:00Z"}).write(
        tmp_path / "gate.mp4"
    )
    replayed([video], tmp_path / "out")
    engine = open_database(tmp_path / "out" / "sitewatch.db", access=Access.READ)
    (first, _) = TrackRepository(engine).summaries()
    engine.dispose()
    assert first.first_at == datetime(2026, 3, 1, 22, 15, tzinfo=UTC)


@pytest.mark.parametrize("name", ["gate.mkv", "gate.ts"])
def test_a_truncated_recording_is_replayed_and_the_run_incomplete(tmp_path: Path, name: str) -> None:
    whole = Footage(frames=80, size=(320, 240)).write(tmp_path / f"whole-{name}")
    video = footage.cut(whole, tmp_path / name, 0.7)
    result = replayed([video], tmp_path / "out")
    assert result.incomplete == f"{name} is cut short: its end is missing"
    run = only_run(tmp_path / "out" / "sitewatch.db")
    assert run.status is RunStatus.INCOMPLETE
    assert run.reason == result.incomplete
    assert run.frames["gate"].processed > 20
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["complete"] is False
    assert f"{name} is cut short" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_damage_is_counted_everywhere(tmp_path: Path) -> None:
    whole = Footage(frames=40).write(tmp_path / "whole.mp4")
    video = footage.damage(whole, tmp_path / "gate.mp4")
    result = replayed([video], tmp_path / "out")
    damaged = result.summary["cameras"]["gate"]["recording"]["damaged_packets"]
    run = only_run(tmp_path / "out" / "sitewatch.db")
    assert run.status is RunStatus.COMPLETE
    assert run.frames["gate"].damaged == damaged > 0
    assert run.frames["gate"].captured == 40 - damaged


def test_frames_that_are_missing_are_told(tmp_path: Path) -> None:
    """A declared warning: the recording is taken as it is, and the run is complete."""
    stamps = [index for index in range(60) if index not in {30, 31, 32}]
    video = Footage(frames=57, pts=stamps).write(tmp_path / "gate.mkv")
    result = replayed([video], tmp_path / "out")
    assert result.incomplete is None
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["cameras"]["gate"]["recording"]["missing"] == {
        "gaps": 1,
        "in_gaps": 3,
        "first_gaps": [{"after_s": 2.9, "frames": 3}],
        "at_end": 0,
        "unaccounted": 0,
    }
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "About 3 frames missing in 1 gap: 3 after 0:03." in page


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (33, 17)])
def test_tiny_and_odd_pictures(tmp_path: Path, size: tuple[int, int]) -> None:
    made = Footage(frames=5, size=size, codec="ffv1", pixel_format="bgr0", walkers=0, codec_options={})
    result = replayed([made.write(tmp_path / "gate.mkv")], tmp_path / "out")
    assert result.summary["cameras"]["gate"]["frames"]["processed"] == 5
    assert result.summary["cameras"]["gate"]["tracks"] == 0
    assert (tmp_path / "out" / "annotated.mp4").stat().st_size > 0
    assert (tmp_path / "out" / "tracks.txt").read_bytes() == b""


def test_pictures_whose_size_changes(tmp_path: Path) -> None:
    small = Footage(frames=12, container="h264").write(tmp_path / "a.h264")
    large = Footage(frames=12, container="h264", size=(192, 144)).write(tmp_path / "b.h264")
    video = tmp_path / "gate.h264"
    video.write_bytes(small.read_bytes() + large.read_bytes())
    result = replayed([video], tmp_path / "out")
    assert result.summary["cameras"]["gate"]["recording"]["size_changes"] == 1
    assert result.summary["cameras"]["gate"]["frames"]["processed"] == 24
    annotated = VideoRecording(tmp_path / "out" / "annotated.mp4", "gate")
    assert {frame.image.shape for frame in annotated.frames()} == {(120, 160, 3)}


def test_results_are_replaced_and_other_files_stay(tmp_path: Path) -> None:
    video = Footage(frames=12).write(tmp_path / "gate.mp4")
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine", encoding="ascii")
    (out / "tracks.txt").write_text("old", encoding="ascii")
    replayed([video], out)
    replayed([video], out)
    assert (out / "notes.txt").read_text(encoding="ascii") == "mine"
    assert len(read_table(out / "tracks.txt")) == 24
    engine = open_database(out / "sitewatch.db", access=Access.READ)
    runs = RunRepository(engine).list()
    engine.dispose()
    assert [run.status for run in runs] == [RunStatus.COMPLETE] * 2
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_nothing_is_touched_when_a_recording_cannot_be_read(tmp_path: Path) -> None:
    video = Footage(frames=12).write(tmp_path / "gate.mp4")
    with pytest.raises(InputNotFound):
        replayed([video, tmp_path / "missing.mp4"], tmp_path / "out")
    with pytest.raises(InputNotFound):
        replayed([video], tmp_path / "out", ground_truth=[tmp_path / "gt.txt"])
    assert not (tmp_path / "out").exists()


def test_a_database_from_a_newer_sitewatch_is_left_alone(tmp_path: Path) -> None:
    video = Footage(frames=12).write(tmp_path / "gate.mp4")
    replayed([video], tmp_path / "out")
    database = tmp_path / "out" / "sitewatch.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE sitewatch_schema SET version_num = '9999'")
    before = database.read_bytes()
    with pytest.raises(DatabaseTooNew):
        replayed([video], tmp_path / "out")
    assert database.read_bytes() == before


def test_a_locked_database(tmp_path: Path) -> None:
    video = Footage(frames=12).write(tmp_path / "gate.mp4")
    replayed([video], tmp_path / "out")
    database = tmp_path / "out" / "sitewatch.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked):
            replayed([video], tmp_path / "out", "storage.lock_timeout_s=0.1")
        connection.rollback()
    replayed([video], tmp_path / "out")


def test_boxes_of_a_broken_network_are_counted(tmp_path: Path) -> None:
    """One convolution that sees persons of infinite width in each of its six cells."""
    (tmp_path / "broken.cfg").write_text(
        "[net]\nheight=64\nwidth=96\n[convolutional]\nfilters=6\nsize=32\nstride=32\nactivation=linear\n"
        "[yolo]\nanchors=10,20\nclasses=1\n",
        encoding="ascii",
    )
    bias = np.array([0, 0, 1000, 0, 20, 20], "<f4")  # x, y, width, height, objectness, person
    kernels = np.zeros(6 * 3 * 32 * 32, "<f4")
    (tmp_path / "broken.weights").write_bytes(HEADER + bias.tobytes() + kernels.tobytes())
    video = Footage(frames=30).write(tmp_path / "gate.mp4")
    result = replayed(
        [video],
        tmp_path / "out",
        "detector.name=darknet",
        f"detector.definition_file={tmp_path / 'broken.cfg'}",
        f"detector.weights_file={tmp_path / 'broken.weights'}",
        "detector.runtime=torch",
        "detector.device=cpu",
    )
    assert result.failure is None
    gate = result.summary["cameras"]["gate"]
    assert gate["frames"]["processed"] == 30
    assert gate["refused_boxes"] == 6 * 30
    assert gate["tracks"] == 0
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "180 boxes of the network that are not finite were left out" in page
