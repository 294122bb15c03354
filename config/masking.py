"""What must not be shown: credentials inside addresses, wherever an address stands."""

from __future__ import annotations

import re

MASK = "**********"
"""What pydantic shows for a secret."""

_CREDENTIALS = re.compile(r"(?<=://)[^\s'\"]*@")
"""Up to the last @, since passwords hold slashes and @ themselves: rather too much is masked than too little."""


def masked(text: str) -> str:
    """``rtsp://user:password@camera/1`` as ``rtsp://**********@camera/1``, anywhere in a text."""
    return _CREDENTIALS.sub(f"{MASK}@", text)
