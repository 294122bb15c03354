"""Where user and password of a camera come from, and what is said when they do not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from config.errors import ConfigError
from pipeline.capture.credentials import Credentials, redacted, resolve_credentials, with_credentials

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "admin:s3cret:with/colon@and#more"  # noqa: S105  a made-up one
EXPECTED = Credentials("admin", "s3cret:with/colon@and#more")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "dock"
    path.write_text(f"{SECRET}\n")
    path.chmod(0o600)
    return path


def refusal(reference: str, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as refused:
        resolve_credentials(reference, environment or {})
    message = str(refused.value)
    assert "s3cret" not in message
    assert "\n" not in message
    assert message.startswith("credentials: ")
    return message


def test_from_a_variable() -> None:
    assert resolve_credentials("env:DOCK", {"DOCK": SECRET}) == EXPECTED


def test_from_a_file(file: Path) -> None:
    assert resolve_credentials(f"file:{file}", {}) == EXPECTED


def test_from_the_service_manager_whose_files_others_may_seem_to_read(file: Path) -> None:
    file.chmod(0o444)
    environment = {"CREDENTIALS_DIRECTORY": str(file.parent)}
    assert resolve_credentials("systemd:dock", environment) == EXPECTED
    assert resolve_credentials(f"file:{file}", environment) == EXPECTED


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o640, 0o620, 0o601])
def test_a_file_that_others_may_read_is_refused_with_the_remedy(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert f"chmod 600 {file}" in refusal(f"file:{file}")
    assert f"chmod 600 {file}" in refusal(
        f"file:{file}", {"CREDENTIALS_DIRECTORY": str(file.parent / "else")}
    )


def test_only_one_newline_is_ignored(file: Path) -> None:
    file.write_text("admin:password\n\n")
    assert "in one line" in refusal(f"file:{file}")


@pytest.mark.parametrize("content", ["admin: pass ", "admin:", "ädmin:pässwörd"])
def test_what_is_part_of_a_password_stays(content: str) -> None:
    user, _, password = content.partition(":")
    assert resolve_credentials("env:DOCK", {"DOCK": content}) == Credentials(user, password)


@pytest.mark.parametrize(
    "content", ["", "\n", "s3cret", ":s3cret", "a:s3cret\nb:s3cret", "a:s3\0cret", "a:s3cret\udcff"]
)
def test_what_is_not_a_user_and_a_password_is_refused(content: str) -> None:
    assert "env:DOCK should hold user:password" in refusal("env:DOCK", {"DOCK": content})


def test_files_that_are_not(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refusal(f"file:{tmp_path / 'absent'}")
    assert "is not a file" in refusal(f"file:{tmp_path}")
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "is not a file" in refusal(f"file:{tmp_path / 'pipe'}")
    assert "cannot be read" in refusal("file:\0")
    large = tmp_path / "large"
    large.write_text("admin:" + "x" * 5000)
    large.chmod(0o600)
    assert "too large" in refusal(f"file:{large}")


def test_what_is_missing_is_named_with_the_remedy(tmp_path: Path) -> None:
    assert "the variable DOCK is not set" in refusal("env:DOCK")
    assert "LoadCredential=dock:" in refusal("systemd:dock")
    assert "LoadCredential=dock:" in refusal("systemd:dock", {"CREDENTIALS_DIRECTORY": str(tmp_path)})


@pytest.mark.parametrize("reference", ["env:admin:s3cret", "systemd:../s3cret", "systemd:..", "admin:s3cret"])
def test_a_secret_in_place_of_its_name_is_not_repeated(reference: str) -> None:
    refusal(reference, {"CREDENTIALS_DIRECTORY": "/nowhere"})


def test_nothing_is_shown() -> None:
    assert "admin" not in repr(EXPECTED)
    assert "s3cret" not in repr(EXPECTED)


def test_an_address_with_credentials() -> None:
    address = with_credentials("RTSP://camera:554/1?channel=2@x", EXPECTED)
    assert address == "RTSP://admin:s3cret%3Awith%2Fcolon%40and%23more@camera:554/1?channel=2@x"


@pytest.mark.parametrize("address", ["/dev/video0", "udp://camera:5000", "dock.mp4", "rtsp://bob@camera/1"])
def test_addresses_that_take_none(address: str) -> None:
    with pytest.raises(ConfigError, match=r"^credentials: "):
        with_credentials(address, EXPECTED)


def test_a_secret_that_ends_inside_another() -> None:
    assert redacted("abcabc", ("abc", "ab")) == "*" * 20


def test_what_stands_around_a_mask_makes_no_secret_with_it() -> None:
    assert set(redacted("ba", ("b", "*a"))) == {"*"}


def test_empty_secrets_are_nowhere() -> None:
    assert redacted("nothing", ("", "")) == "nothing"
