"""Alembic's scripts: how a database of an older Sitewatch becomes one of this Sitewatch."""
