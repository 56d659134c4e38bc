"""Run by Alembic: migrates over the connection of `extract.review.database`."""

from alembic import context

from extract.review.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    # SQLite cannot alter a column in place
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
