"""Run by Alembic: takes the open connection that ``storage.upgrade`` hands over; there is no alembic.ini."""

from __future__ import annotations

from alembic import context

from storage.schema import Base
from storage.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
