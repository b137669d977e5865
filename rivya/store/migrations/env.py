"""Alembic runs inside the caller's transaction: a migration and its record are one step."""

from alembic import context

from rivya.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
