"""The package index that pip is configured to use."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from models.weights.files import PlaceFailed

_TIMEOUT_S = (5.0, 30.0)
_PIP_CONFIG_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution file that the index offers.

    Attributes:
        url: its address, with the index's credentials where it is on the same host.
        size_bytes: if the index says.
        sha256: if the index says.
    """

    url: str
    size_bytes: int | None
    sha256: str | None


def index_endpoint() -> str:
    """Address of the index: PIP_INDEX_URL, else pip's configuration files, else the public index."""
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    return os.environ.get("PIP_INDEX_URL") or from_pip_configuration() or PYPI_SIMPLE_ENDPOINT


def without_credentials(url: str) -> str:
    """An address that may be shown."""
    import httpx

    return str(httpx.URL(url).copy_with(userinfo=b""))


def find_distribution(project: str, file_name: str) -> Distribution:
    """Look up one distribution file.

    Raises:
        PlaceFailed: the index is not reachable or does not have the file.
    """
    import httpx
    import requests
    from pypi_simple import NoSuchProjectError, PyPISimple, UnsupportedContentTypeError

    endpoint = index_endpoint()
    index = without_credentials(endpoint)
    try:
        with PyPISimple(endpoint) as client:
            page = client.get_project_page(project, timeout=_TIMEOUT_S)
    except NoSuchProjectError:
        raise PlaceFailed(f"the package index {index} has no project {project}") from None
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise PlaceFailed(f"the package index {index} answered {status}") from error
    except requests.RequestException as error:
        raise PlaceFailed(f"the package index {index} cannot be reached ({type(error).__name__})") from error
    except (UnsupportedContentTypeError, ValueError) as error:
        raise PlaceFailed(
            f"the package index {index} does not answer as one ({type(error).__name__})"
        ) from error
    found = next((package for package in page.packages if package.filename == file_name), None)
    if found is None:
        raise PlaceFailed(f"the package index {index} has no {file_name}")
    url, base = httpx.URL(found.url), httpx.URL(endpoint)
    if base.userinfo and not url.userinfo and (url.host, url.port) == (base.host, base.port):
        url = url.copy_with(userinfo=base.userinfo)
    return Distribution(str(url), found.size, found.digests.get("sha256"))


@cache
def from_pip_configuration() -> str | None:
    """What ``pip download`` would use; None where pip is not installed or not configured."""
    if importlib.util.find_spec("pip") is None:
        return None
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    try:
        listed = subprocess.run(  # noqa: S603  # a fixed command of this interpreter
            command, capture_output=True, text=True, check=False, timeout=_PIP_CONFIG_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        return None
    values = dict(re.findall(r"^(\S+)='(.*)'$", listed.stdout, flags=re.MULTILINE))
    return next((values[key] for key in ("download.index-url", "global.index-url") if values.get(key)), None)
