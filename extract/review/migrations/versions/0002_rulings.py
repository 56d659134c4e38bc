"""Rulings of a reviewer, and which machine read a document."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; documents that hold proposals were read by some machine."""
    empty = sa.text("''")
    op.add_column(
        "documents",
        sa.Column("reader", sa.String(80), nullable=False, server_default=empty),
    )
    op.add_column("items", sa.Column("ruling", sa.JSON()))
    for column in (
        sa.Column("lapsed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("disputed", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("items", column)
    op.execute(
        "UPDATE documents SET reader = 'unknown' WHERE id IN"
        " (SELECT document_id FROM items WHERE source = 'duban')"
    )


def downgrade() -> None:
    """Drop the columns."""
    for column in ("disputed", "lapsed", "ruling"):
        op.drop_column("items", column)
    op.drop_column("documents", "reader")
