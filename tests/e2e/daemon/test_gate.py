"""Scenes that stand still cost little and lose nobody; what is masked is never seen; cameras that are unwell are told."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.detectors.stub import BRIGHT
from storage.engine import open_database
from storage.repositories.camera_events import CameraEventRepository
from tests.acted_footage import write_pictures
from tests.daemons import RunningDaemon, running_daemon
from tests.mjpeg import mjpeg_camera
from tests.stored_rows import check_ended_well, check_stored, longest_hole_s, media_times, track_count

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from storage.records import CameraEvent

RATE_HZ = 10
SIZE = (320, 240)
BODY = (24, 64)
"""Width and height of a person, pixels."""
NOISE = 3.0
"""Standard deviation of the camera's noise, grey levels."""
LOOKS = {"look_every_s": 1.0}
"""More often than the default, so that tests are short."""
WELL = {"begin_after_s": 0.5, "end_after_s": 1.0, "frozen_after_s": 1.0}


def ground() -> NDArray[np.float32]:
    """A scene with some structure, in which nobody is."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    grey = 70 + 25 * np.sin(columns / 17) + 20 * np.sin(rows / 11)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.float32)


def filmed(scenes: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.uint8]]:
    """What a camera with noise makes of scenes."""
    chance = np.random.default_rng(7)
    for scene in scenes:
        noise = chance.normal(0, NOISE, scene.shape[:2]).astype(np.float32)
        yield np.clip(scene + noise[..., None], 0, 255).astype(np.uint8)


def with_box(left: float, top: float, width: int, height: int, grey: float = 235) -> NDArray[np.float32]:
    picture = ground()
    picture[round(top) : round(top) + height, max(0, round(left)) : max(0, round(left) + width)] = grey
    return picture


def camera(recording: Path, **settings: Any) -> dict[str, Any]:
    """Its times are those of the recording, though it is read as fast as it goes."""
    return {
        "id": recording.stem,
        "source": str(recording),
        "playback": "fast",
        "motion_gate": True,
        **settings,
    }


def watch_to_the_end(daemon: RunningDaemon, cameras: int = 1) -> None:
    daemon.wait(lambda: len(daemon.log("recording over")) == cameras, 60)
    daemon.wait(lambda: not any(each.in_flight for each in daemon.figures().cameras.values()), 20)
    daemon.stop()
    check_ended_well(daemon.database)
    check_stored(daemon.database)


def test_a_still_scene_is_looked_at_once_a_second(tmp_path: Path) -> None:
    seconds = 40
    still = write_pictures(
        tmp_path / "still.mp4", filmed(ground() for _ in range(seconds * RATE_HZ)), RATE_HZ
    )
    with running_daemon(tmp_path / "site", [camera(still)], motion_gate=LOOKS) as daemon:
        watch_to_the_end(daemon)
    frames = daemon.runs()[-1].frames["still"]
    assert frames.captured == seconds * RATE_HZ
    assert frames.processed == pytest.approx(seconds, rel=0.1)
    assert dict(frames.dropped) == {"static": frames.captured - frames.processed}


def standing_person(brightness: Iterator[float], before: float = 235) -> Iterator[NDArray[np.float32]]:
    """Walks in for three seconds, stands for as long as there is a brightness for, and walks on."""
    place = float(-BODY[0])
    for _ in range(3 * RATE_HZ):
        place += 5
        yield with_box(place, 90, *BODY, before)
    for grey in brightness:
        yield with_box(place, 90, *BODY, grey)
    while place < SIZE[0]:
        place += 5
        yield with_box(place, 90, *BODY, before)


def test_who_stands_still_for_a_minute_stays_one_track(tmp_path: Path) -> None:
    seconds = 60
    scenes = standing_person(235.0 for _ in range(seconds * RATE_HZ))
    recording = write_pictures(tmp_path / "stands.mp4", filmed(scenes), RATE_HZ)
    longest_s = 10.0
    gate = {"look_every_s": longest_s}
    with running_daemon(tmp_path / "site", [camera(recording)], motion_gate=gate) as daemon:
        watch_to_the_end(daemon)
    frames = daemon.runs()[-1].frames["stands"]
    assert frames.dropped["static"] > 0.6 * frames.captured
    assert track_count(daemon.database) == 1
    times = media_times(daemon.database, "stands")
    assert (times[-1] - times[0]).total_seconds() > seconds + 4
    assert longest_hole_s(daemon.database, "stands") < longest_s + 0.3  # a look so often, and a frame


def test_who_is_overlooked_now_and_then_stays_one_track(tmp_path: Path) -> None:
    """Every fifth look finds nobody, though nothing moves: the detector is not sure of this person.

    At this rate a look comes every 7/6.5 s: two of them last longer than ``tracker.lost_s``.
    """
    seconds, rate_hz = 40, Fraction(13, 2)
    sure, unsure = BRIGHT + 12.0, BRIGHT - 8.0
    looks = (unsure if second > 12 and second % 5 == 0 else sure for second in range(seconds))
    scenes = standing_person((grey for grey in looks for _ in range(7)), before=sure)
    recording = write_pictures(tmp_path / "stands.mp4", filmed(scenes), rate_hz)
    slow = {**LOOKS, "adapt_s": 2.0, "pixel_change": 40}
    with running_daemon(tmp_path / "site", [camera(recording)], motion_gate=slow) as daemon:
        watch_to_the_end(daemon)
    frames = daemon.runs()[-1].frames["stands"]
    assert frames.dropped["static"] > 0.5 * frames.captured
    assert track_count(daemon.database) == 1
    assert longest_hole_s(daemon.database, "stands") < 2.4  # one look without a box


def test_masks_hide_from_the_gate_and_from_the_detector(tmp_path: Path) -> None:
    """A bright sign that blinks: without a mask it is a person that keeps the gate open."""
    blinking = (with_box(216, 60, 40, 60, 235 if index % 6 < 3 else 90) for index in range(20 * RATE_HZ))
    recording = write_pictures(tmp_path / "sign.mp4", filmed(blinking), RATE_HZ)
    left, top, right, bottom = 0.65, 0.2, 0.83, 0.55
    mask = [[left, top], [right, top], [right, bottom], [left, bottom]]
    cameras = [camera(recording, id="masked", privacy_masks=[mask]), camera(recording, id="open")]
    with running_daemon(tmp_path / "site", cameras, motion_gate=LOOKS) as daemon:
        watch_to_the_end(daemon, 2)
    frames = daemon.runs()[-1].frames
    assert frames["masked"].processed == pytest.approx(20, rel=0.15)
    assert frames["open"].processed > 0.9 * frames["open"].captured
    assert not media_times(daemon.database, "masked")
    assert media_times(daemon.database, "open")


def events(daemon: RunningDaemon, kind: str) -> list[CameraEvent]:
    engine = open_database(daemon.database)
    try:
        return [event for event in CameraEventRepository(engine).list() if event.kind == kind]
    finally:
        engine.dispose()


def wait_for_fault(daemon: RunningDaemon, fault: str, *, present: bool) -> None:
    daemon.wait(lambda: (fault in daemon.figures().cameras["gate"].faults) == present, 10)


def wait_for_open_event(daemon: RunningDaemon, fault: str) -> None:
    daemon.wait(lambda: any(event.ended_at is None for event in events(daemon, fault)), 2)


def test_frozen_and_offline_are_told_with_begin_and_end(tmp_path: Path) -> None:
    capture = {"read_timeout_s": 1.0, "reconnect_first_s": 0.2, "reconnect_longest_s": 0.5}
    with mjpeg_camera() as http:
        sources = [{"id": "gate", "source": http.address}]
        with running_daemon(tmp_path, sources, capture=capture, health=WELL) as daemon:
            daemon.wait_until_processing("gate")
            for fault, trouble in (("frozen", http.frozen), ("offline", http.hang_up)):
                trouble.set()
                wait_for_fault(daemon, fault, present=True)
                wait_for_open_event(daemon, fault)
                trouble.clear()
                wait_for_fault(daemon, fault, present=False)
            http.frozen.set()
            wait_for_fault(daemon, "frozen", present=True)
            daemon.stop()
    check_ended_well(daemon.database)
    assert {event.camera_id for event in events(daemon, "offline")} == {"gate"}
    first, second = events(daemon, "frozen")
    for event in (first, second, *events(daemon, "offline")):
        assert event.ended_at is not None  # also where the run ended before the trouble did
        assert event.ended_at > event.began_at + timedelta(seconds=0.2)
    assert first.detail == "not the least change"
