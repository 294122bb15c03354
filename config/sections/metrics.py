"""Figures for Prometheus and `sitewatch status`."""

from __future__ import annotations

from pydantic import Field

from config.sections.base import Section


class MetricsSettings(Section):
    """Where the daemon tells what it does."""

    host: str = Field(default="127.0.0.1", min_length=1)
    """Address to listen on; other machines can ask only where this is not a loopback address."""
    port: int | None = Field(default=9464, ge=0, le=65535)
    """Port of the Prometheus endpoint, 0 for any that is free; absent for none, and then `sitewatch status` knows nothing."""
