"""Queries by subject: one file a subject."""
