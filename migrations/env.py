"""Runs the migrations on the connection that the caller opened, inside its transaction."""

from alembic import context

from adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=False,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
