"""The unit as systemd reads it: no complaint, little exposure, and numbers that fit the settings and the error tree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config import errors
from config.sections.supervisor import SupervisorSettings
from models.weights import cache
from tests.absent import absent
from tests.command import COMMAND

ROOT = Path(__file__).parents[3]
UNIT = ROOT / "systemd" / "sitewatch.service"
DROP_INS = sorted((ROOT / "systemd" / "sitewatch.service.d").glob("*.conf.example"))
BINARY = "/opt/sitewatch/bin/sitewatch"
MOST_EXPOSURE = 2.0


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        absent("systemd-analyze is not installed (Debian: apt-get install systemd)")
    return subprocess.run(
        [tool, "--no-pager", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )


def values(name: str, text: str | None = None) -> list[str]:
    """What a directive is set to, in order."""
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text() if text is None else text, flags=re.MULTILINE)


def value(name: str) -> str:
    """What a directive is set to that stands once."""
    (only,) = values(name)
    return only


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit in a folder, with a stand-in for the command that is not installed here."""
    stand_in = tmp_path / "sitewatch"
    stand_in.write_text("#!/bin/sh\n")
    stand_in.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace(BINARY, str(stand_in)))
    return unit


@pytest.fixture(params=["alone", *(path.name.partition(".")[0] for path in DROP_INS)])
def variant(request: pytest.FixtureRequest, installed: Path) -> Path:
    """The unit alone, and with each of the drop-ins."""
    if request.param != "alone":
        folder = installed.with_name(f"{installed.name}.d")
        folder.mkdir()
        example = UNIT.with_name(f"{UNIT.name}.d") / f"{request.param}.conf.example"
        shutil.copy(example, folder / f"{request.param}.conf")
    return installed


def test_systemd_has_nothing_to_say_against_it(variant: Path) -> None:
    done = analyze("verify", "--man=no", variant)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_would_say_what_is_wrong(installed: Path) -> None:
    """It ends with 0 even where it does not know a key: the test above rests on what it prints."""
    installed.write_text(installed.read_text().replace("WatchdogSec", "WatchDogSec"))
    assert "WatchDogSec" in analyze("verify", "--man=no", installed).stderr


def test_little_is_exposed(variant: Path) -> None:
    done = analyze("security", "--offline=true", f"--threshold={round(MOST_EXPOSURE * 10)}", variant)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= MOST_EXPOSURE
    assert done.returncode == 0


def test_time_limits_fit_the_settings() -> None:
    settings = SupervisorSettings()
    assert float(value("TimeoutStartSec")) >= settings.worker_start_timeout_s
    assert float(value("TimeoutStopSec")) > settings.drain_timeout_s
    assert float(value("WatchdogSec")) > settings.worker_timeout_s
    automatic_starts = float(value("StartLimitIntervalSec")) / float(value("RestartSec"))
    assert automatic_starts < float(value("StartLimitBurst")), "restarts by themselves would use up the limit"


def test_statuses_that_no_restart_mends_are_those_of_errors() -> None:
    named = set(map(int, value("RestartPreventExitStatus").split()))
    lasting = {
        errors.ConfigError,
        errors.UnknownNetwork,
        errors.NetworkDefinitionError,
        errors.DatabaseTooNew,
        errors.DatabaseOutdated,
        errors.NotADatabase,
        errors.AlreadyRunning,
    }
    assert named == {2, *(error.exit_status for error in lasting)}


def test_the_command_is_one_that_there_is() -> None:
    binary, *arguments = value("ExecStart").split()
    assert binary == BINARY
    done = subprocess.run(
        [*COMMAND, *arguments, "--help"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_memory_that_is_written_and_run_stays_allowed() -> None:
    assert value("MemoryDenyWriteExecute") == "no"
    assert values("ProcSubset") == []


def test_weights_lie_in_the_cache_folder_and_no_home_is_needed() -> None:
    variables = dict(line.split("=", 1) for line in values("Environment"))
    assert variables["SITEWATCH_CACHE"] == f"/var/cache/{value('CacheDirectory')}"
    program = "from models.weights.cache import weights_dir; print(weights_dir())"
    done = subprocess.run(
        [sys.executable, "-c", program], env=variables, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"/var/cache/sitewatch/{cache.weights_dir().name}\n"


def test_the_daemon_knows_its_folders_from_the_unit(tmp_path: Path) -> None:
    """systemd names them in variables, so that HOME plays no part."""
    program = "from pipeline.daemon.places import runtime_folder, state_folder; print(state_folder(), runtime_folder())"
    variables = {"STATE_DIRECTORY": str(tmp_path / "state"), "RUNTIME_DIRECTORY": str(tmp_path / "run")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=variables, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == list(variables.values())


@pytest.mark.parametrize("drop_in", DROP_INS, ids=lambda path: path.name)
def test_an_example_says_where_it_goes(drop_in: Path) -> None:
    name = drop_in.name.removesuffix(".example")
    assert f"/etc/systemd/system/sitewatch.service.d/{name}" in drop_in.read_text().replace("\n# ", " ")


def test_devices_stay_closed_where_the_machines_dev_is_shown() -> None:
    assert value("DevicePolicy") == "closed"
    for drop_in in DROP_INS:
        text = drop_in.read_text()
        if "no" in values("PrivateDevices", text):
            assert all(re.match(r"char-\S+ rw$", allowed) for allowed in values("DeviceAllow", text))
            assert values("DeviceAllow", text)


def test_examples_are_not_drop_ins_by_accident() -> None:
    names = [path.name for path in UNIT.with_name(f"{UNIT.name}.d").iterdir()]
    assert names
    assert all(name.endswith(".conf.example") for name in names)
