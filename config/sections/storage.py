"""The database."""

from __future__ import annotations

from pydantic import Field, SecretStr

from config.sections.base import Section


class StorageSettings(Section):
    """Where trajectories are kept, and how they are written."""

    url: SecretStr | None = None
    """SQLAlchemy URL; a replay writes `sitewatch.db` into its output folder when absent, the daemon into its state folder."""
    write_batch_rows: int = Field(default=20_000, ge=1)
    """The writer commits after so many rows."""
    write_interval_s: float = Field(default=1.0, gt=0)
    """The writer commits at least so often."""
    live_write_interval_s: float = Field(default=0.05, gt=0)
    """The daemon commits so often instead: what was seen is in the database while it still matters."""
    queue_rows: int = Field(default=50_000, ge=1)
    """The writer makes its callers wait when so many rows are queued."""
    lock_timeout_s: float = Field(default=10.0, ge=0)
    """Wait so long for another process that holds the write lock."""
    retry_longest_s: float = Field(default=5.0, gt=0)
    """While the database takes nothing the daemon tries again, after pauses that grow up to this; a replay ends."""
