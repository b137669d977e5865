"""Alembic: append-only, one transaction each."""
