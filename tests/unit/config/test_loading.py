"""Loading: defaults, file, environment and command line; every error with its place and what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from config.errors import ConfigError
from config.loading import leaves, load_settings
from config.overrides import dotted
from config.schema import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from config.provenance import LoadedSettings

SITE = """\
cameras:
  - id: dock
    source: dock.mp4
    recorded_at: 2026-01-31T23:30:00+02:00
  - id: gate
    source: gate.mp4
detector:
  name: ssd300-vgg16
  score_threshold: 0.3
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    return path


def load(text: str, tmp_path: Path, *overrides: str, **environment: str) -> LoadedSettings:
    path = tmp_path / "site.yaml"
    path.write_text(text)
    return load_settings(path, overrides, environment)


def complaints(text: str, tmp_path: Path, *overrides: str, **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load(text, tmp_path, *overrides, **environment)
    return str(error.value).replace(f"{tmp_path}/", "").splitlines()


def test_without_a_file_all_is_default() -> None:
    loaded = load_settings(None, environment={})
    assert loaded.settings == Settings()
    assert {str(origin) for origin in loaded.origins.values()} == {"default"}
    assert set(loaded.origins) == {dotted(path) for path in leaves(Settings())}


def test_a_file_replaces_defaults_and_is_the_origin(site: Path) -> None:
    loaded = load_settings(site, environment={})
    assert loaded.settings.detector.name == "ssd300-vgg16"
    assert loaded.settings.cameras[1].source == "gate.mp4"
    assert str(loaded.origins["cameras.1.source"]) == f"{site}:6"
    assert str(loaded.origins["detector.score_threshold"]) == f"{site}:9"
    assert str(loaded.origins["detector.device"]) == "default"


def test_times_are_utc(site: Path) -> None:
    moment = load_settings(site, environment={}).settings.cameras[0].recorded_at
    assert moment == datetime(2026, 1, 31, 21, 30, tzinfo=UTC)
    assert moment is not None
    assert moment.tzinfo is UTC


def test_the_command_line_comes_before_the_environment_and_that_before_the_file(site: Path) -> None:
    environment = {
        "SITEWATCH__DETECTOR__NAME": "yolov3",
        "SITEWATCH__DETECTOR__SCORE_THRESHOLD": "0.4",
        "SITEWATCH_DATA": "x",
    }
    loaded = load_settings(site, ["detector.name=yolov3-spp"], environment)
    assert loaded.settings.detector.name == "yolov3-spp"
    assert str(loaded.origins["detector.name"]) == "--set"
    assert loaded.settings.detector.score_threshold == 0.4
    assert str(loaded.origins["detector.score_threshold"]) == "SITEWATCH__DETECTOR__SCORE_THRESHOLD"


def test_an_override_reaches_into_a_list(site: Path) -> None:
    loaded = load_settings(site, ["cameras.1.source=other.mp4"], {})
    assert loaded.settings.cameras[1].source == "other.mp4"
    assert str(loaded.origins["cameras.1.source"]) == "--set"
    assert str(loaded.origins["cameras.1.id"]) == f"{site}:5"


def test_an_override_may_be_a_whole_section() -> None:
    loaded = load_settings(None, ["cameras=[{id: a, source: x}]"], {})
    assert loaded.settings.cameras[0].id == "a"
    assert str(loaded.origins["cameras.0.id"]) == "--set"


def test_loading_leaves_the_settings_frozen(site: Path) -> None:
    settings = load_settings(site, environment={}).settings
    with pytest.raises(ValidationError, match="frozen"):
        settings.detector.name = "other"  # type: ignore[misc]


def test_all_errors_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "detector:\n  nmae: a\n  score_threshold: 1.5\n  runtime: openvno\ntrackr: {}\n"
    assert complaints(text, tmp_path) == [
        "4 errors in the configuration:",
        "site.yaml:2: detector.nmae: unknown key; did you mean detector.name?",
        "site.yaml:3: detector.score_threshold: found 1.5, should be less than or equal to 1",
        "site.yaml:4: detector.runtime: found 'openvno', should be 'auto', 'openvino' or 'torch'; did you mean openvino?",
        "site.yaml:5: trackr: unknown key; did you mean tracker?",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("score_threshold: 0.2", "site.yaml:1: score_threshold: unknown key; did you mean detector.score_threshold?"),
        ("storage:\n  zzz: 1", "site.yaml:2: storage.zzz: unknown key; known here: url, "),
        ("detector:\n  batch_size: yes", "site.yaml:2: detector.batch_size: found true (YAML reads yes, no, on and off so"),
        ("detector:\n  batch_size: 1.5", "site.yaml:2: detector.batch_size: found 1.5, should be a valid integer"),
        ("detector:\n  name: 5", "site.yaml:2: detector.name: found 5, should be text: put it in quotes"),
        ("detector:\n  name: 2026-01-31", "site.yaml:2: detector.name: found 2026-01-31, should be text: put it in quotes"),
        ("detector:\n  name: [a]", "site.yaml:2: detector.name: found a list, should be text"),
        ("detector:\n  weights_file: 3", "site.yaml:2: detector.weights_file: found 3, should be a path"),
        ("detector: 5", "site.yaml:1: detector: found 5, should be a section: its keys with their values, indented"),
        ("detector:\n  device: tpu", "site.yaml:2: detector.device: found 'tpu', expected: auto (the first CUDA device,"),
        ("detector:\n  score_threshold: .nan", "site.yaml:2: detector.score_threshold: found nan, should be a finite number"),
        ("cameras:\n  - id: a", "site.yaml:2: cameras.0.source: is required and not set"),
        ("cameras:\n  - id: a b\n    source: x", "site.yaml:2: cameras.0.id: found 'a b', expected: Name of the camera: letters, digits,"),
        ("cameras: {id: a}", "site.yaml:1: cameras: found a section, should be a list"),
    ],
)  # fmt: skip
def test_an_error_names_line_key_what_was_found_and_what_is_expected(
    text: str, expected: str, tmp_path: Path
) -> None:
    (message,) = complaints(text, tmp_path)
    assert message.startswith(expected)


def test_camera_ids_are_unique(tmp_path: Path) -> None:
    text = "cameras:\n- {id: a, source: x}\n- {id: b, source: y}\n- {id: a, source: z}\n"
    (message,) = complaints(text, tmp_path)
    expected = "should hold each id once: a is the id of cameras.0 and cameras.2"
    assert message == f"site.yaml:1: cameras: found a list, {expected}"


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    text = "cameras:\n- id: a\n  source: x\n  recorded_at: 2026-01-31 22:00:00\n"
    (message,) = complaints(text, tmp_path)
    assert message.startswith(
        "site.yaml:4: cameras.0.recorded_at: found 2026-01-31 22:00:00, should carry its zone"
    )


def test_secrets_are_not_in_messages(tmp_path: Path) -> None:
    for text in ("storage:\n  url: [postgresql://user:s3cret@host/db]\n", "storage:\n  url: {s3cret: 1}\n"):
        (message,) = complaints(text, tmp_path)
        assert "s3cret" not in message
    (message,) = complaints("{}", tmp_path, SITEWATCH__STORAGE__URL="[s3cret]")
    assert message == "SITEWATCH__STORAGE__URL: storage.url: found a secret (not shown), should be text"


@pytest.mark.parametrize("password", ["s3cret", "s3cret/with@signs", "s3cret" * 20])
@pytest.mark.parametrize(
    "text",
    [
        "storage: postgresql://user:{}@host/db\n",
        "cameras: ['rtsp://user:{}@host/stream']\n",
        "cameras: [{{id: a, source: x, recorded_at: 'rtsp://user:{}@host/stream'}}]\n",
    ],
)
def test_credentials_in_addresses_are_not_in_messages(text: str, password: str, tmp_path: Path) -> None:
    (message,) = complaints(text.format(password), tmp_path)
    assert "s3cret" not in message
    assert "user" not in message
    assert "**********@host" in message


@pytest.mark.parametrize(
    "assignment", ["x://u:s3cret@h", "x://u:s3cret@h=5", "storage=x://u:s3cret@h", "x://u:s3cret@h=["]
)
def test_credentials_on_the_command_line_are_not_in_messages(assignment: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_settings(None, [assignment], {})
    assert "s3cret" not in str(error.value)


def test_errors_of_overrides_name_the_override(tmp_path: Path) -> None:
    assert complaints("{}", tmp_path, "detector.batch_size=0") == [
        "--set: detector.batch_size: found 0, should be greater than or equal to 1"
    ]
    assert complaints("{}", tmp_path, SITEWATCH__DETECTR__NAME="x") == [
        "SITEWATCH__DETECTR__NAME: detectr: unknown key; did you mean detector?"
    ]


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("detector.name", "expected KEY=VALUE"),
        ("=5", "expected a key"),
        ("detector..name=5", "expected a key"),
        ("detector.name=[", "not valid YAML"),
        ("cameras.3.id=a", "cameras has no element 3"),
        ("detector.name.x=a", "detector.name has no element x, so detector.name.x cannot be set"),
    ],
)
def test_an_override_that_makes_no_sense(assignment: str, expected: str, tmp_path: Path) -> None:
    text = "cameras: [{id: a, source: x}]\ndetector: {name: a}\n"
    (message,) = complaints(text, tmp_path, assignment)
    assert expected in message
