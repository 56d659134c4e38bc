"""The first tables; the log of steps can only grow."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LOG = ("changes", "steps")


def upgrade() -> None:
    """Make the tables and close the log against changes."""
    op.create_table(
        "settings",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "annotators",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False, unique=True),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("date", sa.Date()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.Column("finished_by", sa.Integer(), sa.ForeignKey("annotators.id")),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _items()
    _log()


def _items() -> None:
    annotator = "annotators.id"
    op.create_table(
        "items",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column(
            "document_id", sa.Integer(), sa.ForeignKey("documents.id"), nullable=False
        ),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("machine", sa.JSON()),
        sa.Column("confidence", sa.Float()),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("actionable", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.String(40), nullable=False),
        sa.Column("owners", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("annotator_id", sa.Integer(), sa.ForeignKey(annotator)),
        sa.Column("review", sa.String(10), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), sa.ForeignKey(annotator)),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("items_of_document", "items", ["document_id", "start"])
    op.create_index("items_by_confidence", "items", ["confidence"])


def _log() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "document_id", sa.Integer(), sa.ForeignKey("documents.id"), nullable=False
        ),
        sa.Column(
            "annotator_id", sa.Integer(), sa.ForeignKey("annotators.id"), nullable=False
        ),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("undoes", sa.Integer(), sa.ForeignKey("changes.id")),
    )
    op.create_index("changes_of_annotator", "changes", ["document_id", "annotator_id"])
    op.create_table(
        "steps",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "change_id", sa.Integer(), sa.ForeignKey("changes.id"), nullable=False
        ),
        sa.Column("item_id", sa.String(16), sa.ForeignKey("items.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.UniqueConstraint("item_id", "version"),
    )
    op.create_index("ix_steps_change_id", "steps", ["change_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION duban_append_only() RETURNS trigger AS $$ BEGIN"
            " RAISE EXCEPTION 'append-only'; END $$ LANGUAGE plpgsql"
        )
    for table in LOG:
        for event in ("UPDATE", "DELETE"):
            _refuse(table, event)


def _refuse(table: str, event: str) -> None:
    name = f"{table}_{event.lower()}"
    body = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    if op.get_bind().dialect.name == "postgresql":
        body = "FOR EACH ROW EXECUTE FUNCTION duban_append_only()"
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {body}")


def downgrade() -> None:
    """Drop everything."""
    for table in (*reversed(LOG), "items", "documents", "annotators", "settings"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION duban_append_only()")
