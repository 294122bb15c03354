"""No secret survives in a message, and every secret arrives at the camera."""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus, unquote, urlsplit

from hypothesis import assume, given
from hypothesis import strategies as st

from config.masking import MASK
from pipeline.capture.credentials import Credentials, redacted, resolve_credentials, with_credentials

_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
_USERS = _TEXT.filter(lambda user: ":" not in user)
_AROUND = st.text(max_size=20)


def _everything(secret: str) -> str:
    return "".join(f"%{byte:02X}" for byte in secret.encode())


def _spellings(secret: str) -> list[str]:
    lower = re.sub("%..", lambda found: found[0].lower(), quote(secret, safe=""))
    return [secret, quote(secret), quote(secret, safe=""), quote_plus(secret), lower]


@given(secrets=st.lists(_TEXT, min_size=1, max_size=3), data=st.data())
def test_no_secret_survives(secrets: list[str], data: st.DataObject) -> None:
    assume(all(secret.strip("*") for secret in secrets))
    pieces = []
    for secret in data.draw(st.lists(st.sampled_from(secrets), max_size=4)):
        pieces += [data.draw(_AROUND), data.draw(st.sampled_from([*_spellings(secret), _everything(secret)]))]
    clean = redacted("".join(pieces), secrets)
    for secret in secrets:
        assert not [spelling for spelling in _spellings(secret) if spelling in clean]


@given(text=st.text("xyz ", max_size=30), secret=st.text("abc", min_size=1))
def test_what_is_no_secret_stays(text: str, secret: str) -> None:
    assert redacted(text, (secret,)) == text
    assert redacted(f"{text}{secret}{text}", (secret,)) == f"{text}{MASK}{text}"


@given(user=_USERS, password=_TEXT | st.just(""))
def test_what_is_written_down_arrives_at_the_camera(user: str, password: str) -> None:
    credentials = resolve_credentials("env:DOCK", {"DOCK": f"{user}:{password}\n"})
    assert (credentials.user, credentials.password) == (user, password)
    parts = urlsplit(with_credentials("rtsp://camera:8554/stream/1?a=b", credentials))
    assert (parts.hostname, parts.port, parts.path, parts.query) == ("camera", 8554, "/stream/1", "a=b")
    assert unquote(parts.username or "") == user
    assert unquote(parts.password or "") == password


@given(user=_USERS, password=_TEXT)
def test_the_whole_address_is_redacted(user: str, password: str) -> None:
    assume(user.strip("*") and password.strip("*"))
    credentials = Credentials(user, password)
    address = with_credentials("rtsp://0/", credentials)
    clean = redacted(f"cannot open {address}", credentials.secrets)
    assert user not in clean
    assert password not in clean
