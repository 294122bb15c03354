"""The daemon as an operator runs it: a process with a configuration, a log, metrics, and children."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pipeline.status.reading import SiteFigures, fetch
from storage.engine import open_database
from storage.repositories.runs import RunRepository
from tests.command import COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from storage.records import RunRecord

READER = "pipeline.capture.live.reader"
WORKER = "pipeline.device.worker"
RATE_HZ = 10.0
"""Of the footage that stands for cameras."""


@dataclass
class RunningDaemon:
    """A daemon that was started by a test.

    Attributes:
        process: ``sitewatch run``.
        folder: its state, configuration and log.
    """

    process: subprocess.Popen[bytes]
    folder: Path
    _url: str = ""
    _seen: dict[int, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "state" / "sitewatch.db"

    @property
    def config(self) -> Path:
        return self.folder / "site.yaml"

    def log(self, event: str | None = None, **wanted: object) -> list[dict[str, Any]]:
        """Lines of the log, of one event and with these values."""
        lines = []
        for text in (self.folder / "log").read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):  # the last line may be half written
                line = json.loads(text)
                if event in {None, line.get("event")} and wanted.items() <= line.items():
                    lines.append(line)
        return lines

    def figures(self) -> SiteFigures:
        """What the metrics say."""
        if not self._url:
            self.wait(lambda: self.log("starting"), 20)
            self._url = f"http://127.0.0.1:{self.log('starting')[-1]['metrics_port']}/metrics"
        figures = fetch(self._url)
        for camera in figures.cameras.values():
            assert camera.captured == camera.processed + camera.in_flight + sum(camera.dropped.values()), (
                camera
            )
        return figures

    def processed(self) -> dict[str, int]:
        """Frames that went through all stages, by camera."""
        return {name: camera.processed for name, camera in self.figures().cameras.items()}

    def rates(self, seconds: float) -> dict[str, float]:
        """Frames a second that go through all stages, by camera."""
        before, began = self.processed(), time.monotonic()
        time.sleep(seconds)
        after, took = self.processed(), time.monotonic() - began
        return {name: (after[name] - before.get(name, 0)) / took for name in after}

    def check_rates(self, *cameras: str, hz: float = RATE_HZ, seconds: float = 4, windows: int = 3) -> None:
        """These cameras give what they should, within 10 %.

        The machine of a test run may be busy with something else for a moment, so one window of a few must show it; a
        fault that is felt is felt in all of them.
        """
        seen = []
        for _ in range(windows):
            rates = self.rates(seconds)
            seen.append({name: round(rates[name], 2) for name in cameras})
            if all(abs(rate - hz) <= 0.1 * hz for rate in seen[-1].values()):
                return
        raise AssertionError(f"expected {hz} frames/s within 10 %, saw {seen}: {self.tail()}")

    def wait(self, condition: Callable[[], object], timeout_s: float) -> float:
        """Until something holds; returns how long it took."""
        began = time.monotonic()
        while not condition():
            assert self.process.poll() is None, f"the daemon ended: {self.tail()}"
            assert time.monotonic() - began < timeout_s, f"not within {timeout_s} s: {self.tail()}"
            time.sleep(0.05)
        return time.monotonic() - began

    def wait_for_lines(self, event: str, count: int, timeout_s: float = 5) -> None:
        """Until the log holds so many lines of an event."""
        self.wait(lambda: len(self.log(event)) == count, timeout_s)

    def wait_until_processing(self, *cameras: str, timeout_s: float = 30) -> float:
        """Until these cameras have frames processed after now."""
        before: dict[str, int] = {}

        def all_moved() -> bool:
            now = self.processed()
            for name in cameras:
                before.setdefault(name, now.get(name, 0))
            return all(now.get(name, 0) > before[name] for name in cameras)

        return self.wait(all_moved, timeout_s)

    def held(self) -> dict[str, int]:
        """How many file descriptors and threads the daemon has."""
        process = Path("/proc") / str(self.process.pid)
        return {what: len(list((process / what).iterdir())) for what in ("fd", "task")}

    def check_held(self, before: Mapping[str, int]) -> None:
        """The daemon holds no more than it did before; a request for its metrics may be under way."""

        def is_given_back() -> bool:
            now = self.held()
            return all(now[what] <= count for what, count in before.items())

        try:
            self.wait(is_given_back, 5)
        except AssertionError:
            fds = sorted(str(fd.readlink()) for fd in Path(f"/proc/{self.process.pid}/fd").iterdir())
            raise AssertionError(f"{before} before, now {self.held()}: {fds}") from None

    def children(self, module: str | None = None) -> list[int]:
        """Process ids of its children, of one module."""
        found = children_of(self.process.pid)
        self._seen.update(found)
        return [pid for pid, name in found.items() if module in {None, name}]

    def configure(self, cameras: Sequence[Mapping[str, Any]], **sections: Any) -> None:
        """Write the configuration anew."""
        write_config(self.config, cameras, **sections)

    def reload(self) -> None:
        """Have it read its configuration, and wait until it has."""
        before = len(self.log("configuration reloaded"))
        self.process.send_signal(signal.SIGHUP)
        self.wait(lambda: len(self.log("configuration reloaded")) > before, 10)

    def stop(self) -> float:
        """SIGTERM; checks that it ends well and leaves nothing; returns how long it took."""
        self.children()
        began = time.monotonic()
        self.process.terminate()
        status = self.process.wait(30)
        took = time.monotonic() - began
        assert status == 0, self.tail()
        assert not [pid for pid in self._seen if _is_alive(pid)]
        return took

    def tail(self) -> str:
        return "\n".join((self.folder / "log").read_text(encoding="utf-8").splitlines()[-15:])

    def runs(self) -> list[RunRecord]:
        """What the database knows of its runs."""
        return runs_of(self.database)


def runs_of(database: Path | str) -> list[RunRecord]:
    """The runs of a database."""
    engine = open_database(database)
    try:
        return RunRepository(engine).list()
    finally:
        engine.dispose()


def write_config(path: Path, cameras: Sequence[Mapping[str, Any]], **sections: Any) -> None:
    """A site with the stub detector and a free metrics port, but for what ``sections`` says."""
    document: dict[str, Any] = {
        "detector": {"name": "stub"},
        "metrics": {"port": 0},
        "supervisor": {"start_grace_s": 5.0},
        "motion_gate": {},
        **sections,
        "cameras": [{"motion_gate": False, **camera} for camera in cameras],
    }
    part = path.with_suffix(".part")
    part.write_text(yaml.safe_dump(document), encoding="utf-8")
    part.replace(path)


@contextmanager
def running_daemon(
    folder: Path,
    cameras: Sequence[Mapping[str, Any]],
    *,
    prefix: Sequence[str] = (),
    arguments: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    **sections: Any,
) -> Iterator[RunningDaemon]:
    """``sitewatch run`` over these cameras, until the block ends.

    Args:
        folder: for its state, configuration and log.
        cameras: as in a configuration file.
        prefix: of the command line, as ``unshare``.
        arguments: further ones of ``run``.
        variables: added to its environment.
        sections: of the configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder / "site.yaml", cameras, **sections)
    environment = {
        **os.environ,
        "STATE_DIRECTORY": str(folder / "state"),
        "RUNTIME_DIRECTORY": str(folder / "run"),
        **(variables or {}),
    }
    with (
        (folder / "log").open("ab") as log,
        subprocess.Popen(
            [*prefix, *COMMAND, "run", "--config", str(folder / "site.yaml"), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        daemon = RunningDaemon(process, folder)
        try:
            yield daemon
        finally:
            process.kill()


def children_of(parent: int) -> dict[int, str]:
    """Process ids and modules of the Python children of a process."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        with suppress(OSError, ValueError, IndexError):
            stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            if int(stat[stat.rindex(")") + 2 :].split()[1]) != parent:
                continue
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"-m" in words:
                found[int(folder.name)] = words[words.index(b"-m") + 1].decode()
    return found


def _is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] != "Z"
