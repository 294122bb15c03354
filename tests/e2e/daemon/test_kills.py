"""Processes are killed and stopped while they work: the others go on, and nothing is lost, counted twice or left behind."""

from __future__ import annotations

import os
import random
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.ring.segment import SHARED_MEMORY
from storage.records import RunStatus
from tests.daemons import READER, WORKER, running_daemon
from tests.stored_rows import check_ended_well, check_stored

if TYPE_CHECKING:
    from pathlib import Path

PATIENT: dict[str, Any] = {"supervisor": {"max_restarts": 1000, "start_grace_s": 5.0}}
RECOVERY_S = 5.0


def cameras(walk: Path, count: int = 3) -> list[dict[str, Any]]:
    return [{"id": f"camera-{number}", "source": str(walk)} for number in range(count)]


def free_shared_memory() -> int:
    room = os.statvfs(SHARED_MEMORY)
    return room.f_frsize * room.f_bfree


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_reader(tmp_path: Path, walk: Path, number: signal.Signals) -> None:
    with running_daemon(tmp_path, cameras(walk), **PATIENT) as daemon:
        daemon.wait_until_processing("camera-0", "camera-1", "camera-2")
        held = daemon.held()
        victim = daemon.children(READER)[0]
        os.kill(victim, number)
        began = time.monotonic()
        daemon.wait(lambda: daemon.log("reader ended"), 4)
        name = daemon.log("reader ended")[0]["camera"]
        daemon.wait_until_processing(name)
        heartbeat_s = 2.0 if number == signal.SIGSTOP else 0.0
        assert time.monotonic() - began < RECOVERY_S + heartbeat_s
        assert victim not in daemon.children()
        assert len(daemon.log("reader ended")) == 1
        daemon.check_held(held)
        daemon.stop()
    check_ended_well(daemon.database)
    check_stored(daemon.database)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_the_worker(tmp_path: Path, walk: Path, number: signal.Signals) -> None:
    with running_daemon(tmp_path, cameras(walk), **PATIENT) as daemon:
        daemon.wait_until_processing("camera-0", "camera-1", "camera-2")
        held = daemon.held()
        (victim,) = daemon.children(WORKER)
        os.kill(victim, number)
        daemon.wait(lambda: daemon.log("worker ended"), 5)
        took = daemon.wait_until_processing("camera-0", "camera-1", "camera-2")
        assert took < RECOVERY_S
        assert victim not in daemon.children()
        daemon.check_held(held)
        daemon.stop()
    check_ended_well(daemon.database)
    check_stored(daemon.database)


def test_the_others_do_not_feel_it(tmp_path: Path, walk: Path) -> None:
    """One reader is killed over and over; frames of the others come as before."""
    with running_daemon(tmp_path, cameras(walk), **PATIENT) as daemon:
        daemon.wait_until_processing("camera-0", "camera-1", "camera-2")
        victim, *bystanders = daemon.children(READER)
        os.kill(victim, signal.SIGKILL)
        daemon.wait(lambda: daemon.log("reader ended"), 4)
        name = daemon.log("reader ended")[0]["camera"]
        others = sorted({"camera-0", "camera-1", "camera-2"} - {name})
        before, began = daemon.processed(), time.monotonic()
        while time.monotonic() - began < 12:
            for pid in set(daemon.children(READER)) - set(bystanders):
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.5)
        after, took = daemon.processed(), time.monotonic() - began
        for other in others:
            assert (after[other] - before[other]) / took == pytest.approx(10, rel=0.1)
        assert len(daemon.log("reader ended", camera=name)) > 3
        daemon.stop()
    check_ended_well(daemon.database)


def test_the_daemon_itself(tmp_path: Path, walk: Path) -> None:
    free = free_shared_memory()
    with running_daemon(tmp_path, cameras(walk)) as daemon:
        daemon.wait(lambda: daemon.figures().committed_rows > 20, 30)
        committed = daemon.figures().committed_rows
        children = daemon.children()
        assert len(children) == 4
        daemon.process.kill()
        daemon.process.wait()
        until = time.monotonic() + 2
        while any(os.path.exists(f"/proc/{pid}") for pid in children) and time.monotonic() < until:  # noqa: PTH110
            time.sleep(0.05)
        assert not any(os.path.exists(f"/proc/{pid}") for pid in children)  # noqa: PTH110
        assert free_shared_memory() >= free
    with running_daemon(tmp_path, cameras(walk)) as daemon:
        daemon.wait(lambda: len(daemon.runs()) == 2, 20)
        first = daemon.runs()[0]
        assert first.status is RunStatus.INCOMPLETE
        assert check_stored(daemon.database) >= committed
        daemon.wait_until_processing("camera-0")
        daemon.stop()
    check_ended_well(daemon.database)


@pytest.mark.timeout(400)
def test_any_at_random_for_two_minutes(tmp_path: Path, walk: Path) -> None:
    chance = random.Random(11)  # noqa: S311  no secret
    free = free_shared_memory()
    with running_daemon(tmp_path, cameras(walk), **PATIENT) as daemon:
        daemon.wait_until_processing("camera-0", "camera-1", "camera-2")
        held = daemon.held()
        until = time.monotonic() + 120
        committed = kills = 0
        while time.monotonic() < until:
            if children := daemon.children():
                os.kill(
                    chance.choice(children), chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP])
                )
                kills += 1
            time.sleep(chance.uniform(0.5, 3.0))
            now = daemon.figures().committed_rows  # asserts that frames add up
            assert now >= committed
            committed = now
        took = daemon.wait_until_processing("camera-0", "camera-1", "camera-2")
        assert (
            took < RECOVERY_S + 4
        )  # a process may have been stopped a moment ago: its silence has to be noticed
        assert kills > 40
        assert len(daemon.children()) == 4
        daemon.check_held(held)
        daemon.stop()
    assert free_shared_memory() >= free
    check_ended_well(daemon.database)
    assert check_stored(daemon.database) >= committed


def test_a_process_that_always_fails_is_degraded_and_the_rest_goes_on(tmp_path: Path, walk: Path) -> None:
    impatient: dict[str, Any] = {
        "supervisor": {"max_restarts": 2, "degraded_retry_s": 600.0, "start_grace_s": 5.0}
    }
    with running_daemon(tmp_path, cameras(walk, 2), **impatient) as daemon:
        daemon.wait_until_processing("camera-0", "camera-1")
        victim = daemon.children(READER)[0]
        os.kill(victim, signal.SIGKILL)
        daemon.wait(lambda: daemon.log("reader ended"), 3)
        name = daemon.log("reader ended")[0]["camera"]
        (other,) = {"camera-0", "camera-1"} - {name}
        others_reader = next(pid for pid in daemon.children(READER) if pid != victim)
        for restarts in (2, 3):
            daemon.wait(lambda: len(daemon.children(READER)) == 2, 5)
            os.kill(next(pid for pid in daemon.children(READER) if pid != others_reader), signal.SIGKILL)
            daemon.wait_for_lines("reader ended", restarts)
        daemon.wait(lambda: daemon.figures().cameras[name].degraded, 3)
        assert daemon.rates(2)[other] > 5
        daemon.stop()
    check_ended_well(daemon.database)
